import bindings from '@livekit/rtc-ffi-bindings';

/**
 * Has rtc-node's native part keep its log to itself. Otherwise each line, down to those of libwebrtc,
 * comes as an event that every room and every audio stream of the process looks at, and that nobody
 * reads: 12,000 of them in the half second in which four rooms are joined (seen with rtc-node 0.13.35).
 *
 * To be called before the process joins its first room or makes its first track; later it changes
 * nothing. Where the environment variable `RUST_LOG` is set (`warn`, say), the native part writes what
 * that asks for to standard error, otherwise nothing.
 */
export function muteNativeLogs(): void {
  process.env.RUST_LOG ??= 'off';
  const { livekitInitialize } = bindings;
  Object.assign(bindings, {
    livekitInitialize: ((onEvent, _captureLogs, version) => {
      livekitInitialize(onEvent, false, version);
    }) satisfies typeof livekitInitialize,
  });
}
