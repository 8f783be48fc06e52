import { createMetrics } from '../../../lib/metrics.js';
import { expect } from 'chai';
import {
  asyncScheduler,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  type SchedulerLike,
  take,
  throwError,
  timer,
} from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import {
  createSpeechToText,
  type HostSpeechToText,
  type SpeechToTextOptions,
} from '../../../lib/stt/createSpeechToText.js';
import { concatMapBounded } from '../../../operators/concatMapBounded.js';
import type {
  Milliseconds,
  Recognition,
  SttProvider,
  Utterance,
} from '../../../operators/types.js';
import { collect } from '../../support/collect.js';
import {
  failure,
  recognitionBy,
  scriptedProvider,
  utteranceOf,
} from '../../support/scriptedProvider.js';
import { seededRandom } from '../../support/seededRandom.js';
import { silentLogger } from '../../support/silentLogger.js';
import { createTestScheduler } from '../../support/testScheduler.js';

type Answer = (utterance: Utterance) => Observable<Recognition>;

const MINUTE: Milliseconds = 60_000;
const END = 15 * MINUTE;
/** How long the ring of a speaker is. */
const RING: Milliseconds = 30_000;

/** The usual timers, and how many of them ran at most at the same time. */
function countTimers(): SchedulerLike & { peak: number } {
  let running = 0;
  const counting = {
    peak: 0,
    now: () => asyncScheduler.now(),
    schedule: ((...args: Parameters<typeof asyncScheduler.schedule>) => {
      counting.peak = Math.max(counting.peak, ++running);
      const action = asyncScheduler.schedule(...args);
      action.add(() => (running -= 1));
      return action;
    }) as SchedulerLike['schedule'],
  };
  return counting;
}

let rxTest: TestScheduler;
/** When each provider was asked. */
let requests: Record<SttProvider, number[]>;
let lost: string[];
let timers: ReturnType<typeof countTimers>;
beforeEach(() => {
  rxTest = createTestScheduler();
  requests = { deepgram: [], elevenlabs: [], groq: [] };
  lost = [];
  timers = countTimers();
});

const serves =
  (provider: SttProvider): Answer =>
  ({ id }) =>
    timer(300).pipe(map(() => recognitionBy(provider, id)));

function hostOf(
  fallback: SpeechToTextOptions['fallback'],
  answers: Partial<Record<SttProvider, Answer>>,
): HostSpeechToText {
  const adapter = (provider: SttProvider) => ({
    batch: provider === 'groq',
    stt: scriptedProvider(provider, (utterance) => {
      requests[provider].push(rxTest.now());
      return (answers[provider] ?? serves(provider))(utterance);
    }),
  });
  return createSpeechToText({
    adapters: {
      deepgram: adapter('deepgram'),
      elevenlabs: adapter('elevenlabs'),
      groq: adapter('groq'),
    },
    fallback,
    logger: silentLogger(),
    metrics: createMetrics().transcription,
    now: () => rxTest.now(),
    random: seededRandom(1),
    scheduler: timers,
  });
}

/** All texts, `speaker/number`, of so many who say something every so often until `END`. */
function callsOf(speakers: number, period: Milliseconds, stt: SpeechToTextOf): Recognition[] {
  const speaks = (speaker: number) =>
    interval(period).pipe(
      take(END / period),
      map((number) => utteranceOf(`${speaker}/${number}`, rxTest.now())),
      concatMapBounded((utterance) => stt.transcribe(utterance, 'en'), {
        capacity: RING / period,
        overflow: 'dropOldest',
        onDropped: ({ id }) => lost.push(id),
      }),
    );
  return collect(merge(...Array.from({ length: speakers }, (_, speaker) => speaks(speaker))));
}
type SpeechToTextOf = HostSpeechToText['byProvider'][SttProvider];

const numbersOf = (ids: readonly string[], speaker: number): number[] =>
  ids.filter((id) => id.startsWith(`${speaker}/`)).map((id) => Number(id.split('/')[1]));
const textsOf = (recognitions: readonly Recognition[]) => recognitions.map(({ text }) => text);
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

describe('an outage of ten minutes', () => {
  const SPEAKERS = 40;
  const PERIOD: Milliseconds = 5_000;
  const FROM = MINUTE;
  const TO = 11 * MINUTE;
  const isOut = () => rxTest.now() >= FROM && rxTest.now() < TO;
  const failsAfter =
    (time: Milliseconds): Answer =>
    (utterance) =>
      isOut()
        ? timer(time).pipe(mergeMap(() => throwError(() => failure('retry'))))
        : serves('deepgram')(utterance);
  const requestsMeanwhile = () => requests.deepgram.filter((at) => at >= FROM && at < TO).length;

  for (const time of [0, 8_000]) {
    it(`should cost no utterance with a fallback, where failing takes ${time} ms`, () => {
      rxTest.run(({ flush }) => {
        const { byProvider } = hostOf('groq', { deepgram: failsAfter(time) });
        const recognitions = callsOf(SPEAKERS, PERIOD, byProvider.deepgram);
        flush();
        const texts = textsOf(recognitions);
        for (const speaker of upTo(SPEAKERS)) {
          expect(numbersOf(texts, speaker)).to.deep.equal(upTo(END / PERIOD));
        }
        // All that were under way, and then at most one a minute.
        expect(requestsMeanwhile()).to.be.within(SPEAKERS, SPEAKERS + 20);
        expect(timers.peak).to.be.at.most(SPEAKERS);
      });
    });

    it(`should cost all but the ring without a fallback, where failing takes ${time} ms`, () => {
      rxTest.run(({ flush }) => {
        const { byProvider } = hostOf('off', { deepgram: failsAfter(time) });
        const recognitions = callsOf(SPEAKERS, PERIOD, byProvider.deepgram);
        flush();
        const texts = textsOf(recognitions);
        for (const speaker of upTo(SPEAKERS)) {
          const gone = numbersOf(lost, speaker);
          const rest = upTo(END / PERIOD).filter((number) => !gone.includes(number));
          expect(numbersOf(texts, speaker)).to.deep.equal(rest);
          // The ring, the one being tried, and those of the 20 s until somebody notices.
          expect(gone.length).to.be.within(113, 117);
        }
        // All that were under way, and then one every 5 to 10 s.
        expect(requestsMeanwhile()).to.be.within(SPEAKERS, SPEAKERS + 90);
        expect(timers.peak).to.be.at.most(SPEAKERS);
      });
    });
  }
});

describe('a provider that allows 20 requests a minute', () => {
  let refused: number;
  /** A token bucket, as providers have it. */
  const limitedTo = (perMinute: number): Answer => {
    let tokens = perMinute;
    let at = 0;
    return (utterance) => {
      tokens = Math.min(perMinute, tokens + ((rxTest.now() - at) * perMinute) / MINUTE);
      at = rxTest.now();
      if (tokens >= 1) {
        tokens -= 1;
        return serves('groq')(utterance);
      }
      refused += 1;
      return throwError(() => failure('throttle', ((1 - tokens) * MINUTE) / perMinute));
    };
  };
  beforeEach(() => {
    refused = 0;
  });

  const PERIOD: Milliseconds = 15_000;
  const MINUTES = END / MINUTE;

  it('should never be asked too often by those who keep within it', () => {
    rxTest.run(({ flush }) => {
      const { byProvider } = hostOf('off', { groq: limitedTo(20) });
      const texts = callsOf(4, PERIOD, byProvider.groq);
      flush();
      expect(texts).to.have.length((4 * END) / PERIOD);
      expect(refused).to.equal(0);
    });
  });

  for (const speakers of [10, 40]) {
    it(`should be used to the full by ${speakers} who want more, and seldom have to refuse`, () => {
      rxTest.run(({ flush }) => {
        const { byProvider } = hostOf('off', { groq: limitedTo(20) });
        const recognitions = callsOf(speakers, PERIOD, byProvider.groq);
        flush();
        const texts = textsOf(recognitions);
        for (const speaker of upTo(speakers)) {
          const gone = numbersOf(lost, speaker);
          const rest = upTo(END / PERIOD).filter((number) => !gone.includes(number));
          expect(numbersOf(texts, speaker)).to.deep.equal(rest);
        }
        expect(requests.groq.filter((at) => at < END).length - refused).to.be.above(18 * MINUTES);
        expect(refused / requests.groq.length).to.be.below(0.25);
      });
    });
  }
});
