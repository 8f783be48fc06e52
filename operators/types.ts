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
  /** Gives its memory back; nothing else may be called afterwards. */
  close(): void;
}

/** Emits one ready decoder and completes. Whoever has received it owns it, and closes it. */
export type OpenDecoder = () => Observable<Decoder>;

/** Changes the sample rate of consecutive frames of one signal. Closed once. */
export interface Resampler {
  /** What has become of the signal up to this frame; may hold audio back. */
  push(frame: PcmFrame): readonly PcmFrame[];
  /** What was held back, after the last frame. */
  flush(): readonly PcmFrame[];
  /** Gives its memory back; nothing else may be called afterwards. */
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

/** Fade out and be silent, without an answer: another bot sees to what is asked for now. */
export interface LeaveCommand {
  readonly verb: 'leave';
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

/** A BCP 47 tag, such as `en-GB`. */
export type LanguageTag = string;
/** A moment, in milliseconds since 1970 (UTC). */
export type EpochMilliseconds = number;

/** A frame of a voice, and how likely somebody speaks in it: 0 to 1. */
export interface SpeechFrame {
  readonly frame: PcmFrame;
  readonly probability: number;
}

/** Judges the consecutive 16 kHz frames of one voice, in order; nothing is added, dropped or held back for long. */
export type DetectSpeech = (frames: Observable<PcmFrame>) => Observable<SpeechFrame>;

/** The end of an utterance, where the last sound of speech was. */
export interface UtteranceEnd {
  readonly endMs: EpochMilliseconds;
  /** `pause`: the speaker paused. `cut`: it had grown too long. `track`: the voice was muted or left in mid-speech. */
  readonly by: 'pause' | 'cut' | 'track';
}

/** Something that somebody says, known as soon as it is certain to be speech, and heard on while it lasts. */
export interface Utterance {
  readonly id: string;
  /** Where the first sound of speech was, without the pre-roll. */
  readonly startMs: EpochMilliseconds;
  /**
   * 16 kHz mono, the pre-roll first: the whole utterance from its start on to every subscriber,
   * live for as long as it goes on. Completes with the utterance.
   */
  readonly audio: Observable<PcmFrame>;
  /** Emits once, as `audio` completes, also to those who subscribe later. */
  readonly end: Observable<UtteranceEnd>;
}

/** Who turns speech into text. */
export type SttProvider = 'deepgram' | 'elevenlabs' | 'groq';

/** What a provider understood of one utterance. `text` is trimmed and not empty. */
export interface Recognition {
  readonly text: string;
  /** Base language (ISO 639-1 where there is one) of the text: as told by the provider, else as requested. */
  readonly language: LanguageTag | undefined;
  /** 0 to 1; `undefined` where the provider gives none. */
  readonly confidence: number | undefined;
  /** Whose text it is: not always the provider that was asked first. */
  readonly provider: SttProvider;
  readonly model: string;
}

/** A speech-to-text provider; serves any number of utterances at the same time. */
export interface SpeechToText {
  readonly provider: SttProvider;
  readonly model: string;
  /**
   * Emits the text of one utterance once its audio has completed, and completes; completes
   * without one where nothing was said. Subscribed to again, it starts again with the whole
   * utterance. Unsubscribing closes the connection or aborts the request at once.
   *
   * @param language as written by the Call Service; `undefined`: to be detected.
   * Errors: `SttError` alone.
   */
  transcribe(utterance: Utterance, language: LanguageTag | undefined): Observable<Recognition>;
}

/** An utterance as text. */
export interface Transcript extends Recognition {
  /** The utterance's id. */
  readonly id: string;
  readonly startMs: EpochMilliseconds;
  readonly endMs: EpochMilliseconds;
}

/** VADER's scores: `compound` from -1 to 1, the others are shares that add up to 1. */
export interface SentimentScores {
  readonly compound: number;
  readonly pos: number;
  readonly neu: number;
  readonly neg: number;
}

/** Scores a text; pure, and linear in the length of the text. */
export type ScoreSentiment = (text: string) => SentimentScores;

/** How a text feels; `unknown` where VADER has no say. */
export type SentimentLabel = 'positive' | 'neutral' | 'negative' | 'unknown';

/** The sentiment of a transcript, as it is published. */
export interface Sentiment extends SentimentScores {
  readonly label: SentimentLabel;
  /** Whether the text is in a language that VADER knows: English. */
  readonly supported: boolean;
}
