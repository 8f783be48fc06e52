import type { SpeechLimits } from './speechLimits.js';
import type {
  EpochMilliseconds,
  Milliseconds,
  PcmFrame,
  SpeechFrame,
  UtteranceEnd,
} from './types.js';

/** A judged frame, and when it arrived: the moment at which the last of it had been said. */
export interface HeardFrame extends SpeechFrame {
  readonly endMs: EpochMilliseconds;
}

/** What happens to the utterance that is going on. */
export type SegmentEvent =
  | { readonly type: 'start'; readonly startMs: EpochMilliseconds }
  | { readonly type: 'audio'; readonly frame: PcmFrame }
  | { readonly type: 'end'; readonly end: UtteranceEnd };

interface Spoken {
  readonly frame: PcmFrame;
  readonly isSpeech: boolean;
  readonly startMs: EpochMilliseconds;
  readonly endMs: EpochMilliseconds;
}

/** What may become an utterance, and is one since it `started`. */
interface Segment {
  readonly needsSpeech: Milliseconds;
  started: boolean;
  length: Milliseconds;
  speech: Milliseconds;
  /** Since the last speech. */
  silence: Milliseconds;
  /** Where the first speech began. */
  startMs: EpochMilliseconds | undefined;
  /** Where the last speech that was handed on ended. */
  endMs: EpochMilliseconds;
  /** Power of the quietest frame in the cut window so far. */
  quietest: number;
}

/** The rest of what was said before a cut is speech, however short it is. */
const ANY: Milliseconds = Number.MIN_VALUE;

/**
 * Finds the utterances in the judged frames of one voice. What it holds back, in each state:
 *
 * - silence: the pre-roll. It may reach into the pause after an utterance, never into its speech.
 * - first sounds: everything, until `minSpeech` has been spoken and the utterance starts, or until
 *   a pause as long as the hangover shows that there was none.
 * - utterance: nothing; every frame goes on as it comes.
 * - cut window: what follows the quietest frame so far. At `maxLength` that frame has been the last
 *   one, and the rest is the beginning of the next utterance: nothing is lost, nothing is doubled.
 */
export class SpeechSegmenter {
  /** Silence since the last speech, as much as is pre-roll. */
  private preRoll: Spoken[] = [];
  private segment: Segment | undefined;
  /** Frames of the segment that have not been handed on. */
  private held: Spoken[] = [];
  private inSpeech = false;

  constructor(private readonly limits: SpeechLimits) {}

  /** What the next frame brings about. */
  push({ frame, probability, endMs }: HeardFrame): SegmentEvent[] {
    const { onThreshold, offThreshold } = this.limits;
    this.inSpeech = probability >= (this.inSpeech ? offThreshold : onThreshold);
    const startMs = endMs - (1000 * frame.samples.length) / frame.sampleRate;
    return this.follow({ frame, isSpeech: this.inSpeech, startMs, endMs });
  }

  /** The voice ended or was interrupted; what comes later has nothing to do with it. */
  break(): SegmentEvent[] {
    const events = this.segment?.started ? this.finish(this.segment, 'track') : [];
    [this.segment, this.held, this.preRoll, this.inSpeech] = [undefined, [], [], false];
    return events;
  }

  private follow(spoken: Spoken): SegmentEvent[] {
    if (!this.segment && spoken.isSpeech) this.open();
    this.keepPreRoll(spoken);
    if (!this.segment) return [];
    this.held.push(spoken);
    count(this.segment, spoken);
    return this.judge(this.segment, spoken);
  }

  private open(): void {
    this.held = this.preRoll;
    this.segment = { ...newSegment(this.limits.minSpeech), length: lengthOf(this.preRoll) };
  }

  private keepPreRoll(spoken: Spoken): void {
    this.preRoll = spoken.isSpeech ? [] : [...this.preRoll, spoken];
    while (lengthOf(this.preRoll) > this.limits.preRoll) this.preRoll.shift();
  }

  private judge(segment: Segment, latest: Spoken): SegmentEvent[] {
    if (segment.silence >= this.limits.hangover) return this.pause(segment);
    if (!segment.started && segment.speech < segment.needsSpeech) return [];
    const start: SegmentEvent[] = segment.started
      ? []
      : [{ type: 'start', startMs: segment.startMs ?? latest.startMs }];
    segment.started = true;
    if (this.isQuietest(segment, latest)) start.push(...this.handOn(segment));
    return segment.length < this.limits.maxLength ? start : [...start, ...this.cut(segment)];
  }

  private pause(segment: Segment): SegmentEvent[] {
    const events = segment.started ? this.finish(segment, 'pause') : [];
    [this.segment, this.held] = [undefined, []];
    return events;
  }

  /** Outside the cut window every frame is as good as the quietest. */
  private isQuietest(segment: Segment, { frame }: Spoken): boolean {
    if (segment.length <= this.limits.maxLength - this.limits.cutWindow) return true;
    const power = powerOf(frame);
    if (power > segment.quietest) return false;
    segment.quietest = power;
    return true;
  }

  private cut(segment: Segment): SegmentEvent[] {
    const rest = this.held;
    const end: SegmentEvent = { type: 'end', end: { endMs: segment.endMs, by: 'cut' } };
    [this.segment, this.held] = [newSegment(ANY), []];
    return [end, ...rest.flatMap((spoken) => this.follow(spoken))];
  }

  private finish(segment: Segment, by: UtteranceEnd['by']): SegmentEvent[] {
    return [...this.handOn(segment), { type: 'end', end: { endMs: segment.endMs, by } }];
  }

  private handOn(segment: Segment): SegmentEvent[] {
    const handed = this.held;
    this.held = [];
    segment.endMs = handed.findLast(({ isSpeech }) => isSpeech)?.endMs ?? segment.endMs;
    return handed.map(({ frame }) => ({ type: 'audio', frame }));
  }
}

function newSegment(needsSpeech: Milliseconds): Segment {
  const counted = { length: 0, speech: 0, silence: 0, startMs: undefined, endMs: 0 };
  return { ...counted, needsSpeech, started: false, quietest: Infinity };
}

function count(segment: Segment, { isSpeech, startMs, endMs }: Spoken): void {
  const duration = endMs - startMs;
  segment.length += duration;
  segment.silence = isSpeech ? 0 : segment.silence + duration;
  if (!isSpeech) return;
  segment.speech += duration;
  segment.startMs ??= startMs;
}

function lengthOf(frames: readonly Spoken[]): Milliseconds {
  return frames.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

function powerOf({ samples }: PcmFrame): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
}
