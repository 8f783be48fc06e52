import { muteNativeLogs } from '../../streams/muteNativeLogs.js';

/**
 * Import this before `@livekit/rtc-node`: it reads NODE_ENV as it is loaded, and unless that says
 * `production` it logs every connection to standard output, in the middle of what people read. What
 * its native part logs is not read at all.
 */
process.env.NODE_ENV ??= 'production';
muteNativeLogs();
