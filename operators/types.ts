import type { Observable } from 'rxjs';
import type { MediaError } from './mediaError.js';

/** Samples per second. */
export type Hertz = number;
/** A span of time, in milliseconds. */
export type Milliseconds = number;
/** A count of samples of one channel. */
export type Samples = number;
/** Linear amplitude factor: 0 is silence, 1 leaves the level as it is. */
export type GainFactor = number;

/** Mono signed 16-bit audio. `samples` owns its buffer: it is never a view into a larger one. */
export interface PcmFrame {
  readonly samples: Int16Array;
  readonly sampleRate: Hertz;
}

/** Turns MP3 bytes into mono frames at the file's own rate. One owner, closed once. */
export interface Decoder {
  /** Decodes at most 16 KiB; may hold audio back. Throws a MediaError `asset_undecodable`. */
  decode(bytes: Uint8Array): readonly PcmFrame[];
  /** What was held back, after the last byte. Throws if the bytes held no audio at all. */
  flush(): readonly PcmFrame[];
  close(): void;
}

/** Emits one ready decoder and completes. Whoever has received it owns it, and closes it. */
export type OpenDecoder = () => Observable<Decoder>;

/** Changes the sample rate of consecutive frames of one signal. Closed once. */
export interface Resampler {
  push(frame: PcmFrame): readonly PcmFrame[];
  flush(): readonly PcmFrame[];
  close(): void;
}

/** Opens a resampler from one rate to another. Throws on a rate that is not a positive integer. */
export type CreateResampler = (from: Hertz, to: Hertz) => Resampler;

/** A participant's attribute map, whole. */
export type Attributes = Readonly<Record<string, string>>;

/** What happens to the room when a single shot has drained. */
export type OnEnd = 'close' | 'keep';

/** Play an asset to the target: in a loop (hold) or once (ringback, busy tone). */
export interface PlayCommand {
  readonly verb: 'play';
  readonly id: string;
  readonly url: string;
  readonly loop: boolean;
  readonly onEnd: OnEnd;
}

/** Fade out and be silent. `deleted`: the command was taken away rather than replaced by `stop`. */
export interface StopCommand {
  readonly verb: 'stop';
  readonly id: string;
  readonly deleted: boolean;
}

/** A map that asks for something that does not exist; what is playing goes on. */
export interface InvalidCommand {
  readonly verb: 'invalid';
  readonly id: string;
  readonly reason: string;
}

/** What a target's attribute map asks for. */
export type Command = PlayCommand | StopCommand | InvalidCommand;

/** Where frames are heard. Calls are carried out one after the other, in order. */
export interface AudioOutput {
  /** What has been handed over and not been heard yet. */
  readonly queued: () => Milliseconds;
  /** Plays a frame after those before it: 48 kHz, a multiple of 10 ms. */
  readonly write: (frame: PcmFrame) => Promise<void>;
  /** Fades out what is being heard and drops the rest. */
  readonly cut: () => Promise<void>;
}

/** What drives an output track: a frame to play, or the end of what is being heard. */
export type TrackInput =
  { readonly type: 'frame'; readonly frame: PcmFrame } | { readonly type: 'cut' };

/** What the Call Service reads on the target: contract, "Answer". */
export interface Answer {
  readonly id: string;
  readonly status: 'playing' | 'stopped' | 'ended' | 'failed';
  readonly error?: MediaError;
}

/** The command that was carried out last: what `distinctByCommandId` compares the next one with. */
export interface ExecutedCommand {
  readonly id: string;
  readonly verb: 'play' | 'stop';
}
