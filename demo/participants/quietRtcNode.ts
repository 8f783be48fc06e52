/**
 * Import this before `@livekit/rtc-node`: it reads NODE_ENV as it is loaded, and unless that says
 * `production` it logs every connection to standard output, in the middle of what people read.
 */
process.env.NODE_ENV ??= 'production';
