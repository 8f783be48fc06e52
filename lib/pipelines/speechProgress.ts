import {
  asyncScheduler,
  defer,
  filter,
  finalize,
  ignoreElements,
  merge,
  type Observable,
  of,
  startWith,
  Subject,
  take,
  tap,
  timeout,
} from 'rxjs';
import type { YieldedUtterance } from '../../operators/adoptSpeech.js';
import type {
  DetectSpeech,
  EpochMilliseconds,
  Milliseconds,
  Utterance,
} from '../../operators/types.js';
import type { YieldedSpeech } from './serviceEvent.js';

/** A bot that is busier than that yields as it is: who relieves it takes one for dead after 5 s. */
const PATIENCE: Milliseconds = 3_000;

/** How far a bot has got with each voice that it hears: what it has judged, and found said last. */
export class SpeechProgress {
  private readonly last = new Map<string, YieldedUtterance>();
  /** When the newest frame had arrived that has been judged. */
  private readonly judged = new Map<string, EpochMilliseconds>();
  private readonly changed$ = new Subject<void>();

  /** The same detector, which is followed through one voice to its end. */
  follow(trackSid: string, detect: DetectSpeech): DetectSpeech {
    return (frames$) =>
      defer(() => {
        const arrivals: EpochMilliseconds[] = [];
        return frames$.pipe(
          tap(() => {
            arrivals.push(asyncScheduler.now());
            if (!this.judged.has(trackSid)) this.judged.set(trackSid, -Infinity);
          }),
          detect,
          tap(() => this.reach(trackSid, arrivals.shift())),
          finalize(() => {
            this.judged.delete(trackSid);
            this.changed$.next();
          }),
        );
      });
  }

  private reach(trackSid: string, arrival: EpochMilliseconds | undefined): void {
    if (arrival === undefined) return;
    this.judged.set(trackSid, arrival);
    this.changed$.next();
  }

  /** Emits the utterance, and completes with its end. */
  note<U extends Utterance>(trackSid: string, utterance: U): Observable<U> {
    const { startMs, end: end$ } = utterance;
    this.last.set(trackSid, { startMs, endMs: startMs, open: true });
    const ended$ = end$.pipe(
      tap(({ endMs }) => this.last.set(trackSid, { startMs, endMs, open: false })),
      ignoreElements(),
    );
    return merge(of(utterance), ended$);
  }

  /**
   * Emits once all has been judged that had been heard of any voice until this was subscribed to:
   * what a busy bot has not come to yet is nobody else's. After 3 s it emits in any case.
   */
  caughtUp(): Observable<unknown> {
    return defer(() => {
      const now = asyncScheduler.now();
      return this.changed$.pipe(
        startWith(undefined),
        filter(() => [...this.judged.values()].every((arrival) => arrival >= now)),
        take(1),
        timeout({ first: PATIENCE, with: () => of(undefined) }),
      );
    });
  }

  /** The last utterance of each voice, by track; one that goes on does so up to what was judged. */
  told(): YieldedSpeech {
    return Object.fromEntries(
      [...this.last].map(([trackSid, said]) => [
        trackSid,
        said.open
          ? { ...said, endMs: Math.max(said.startMs, this.judged.get(trackSid) ?? 0) }
          : said,
      ]),
    );
  }
}
