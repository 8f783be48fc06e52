import { expect } from 'chai';
import { createMetrics } from '../../../lib/metrics.js';
import { map, mergeMap, NEVER, type Observable, of, throwError } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import {
  createSpeechToText,
  type HostSpeechToText,
  type SpeechToTextOptions,
} from '../../../lib/stt/createSpeechToText.js';
import type { Recognition, SttProvider, Utterance } from '../../../operators/types.js';
import { collect } from '../../support/collect.js';
import { recordedLogger } from '../../support/recordedLogger.js';
import {
  failure,
  outcomeOf,
  recognitionBy,
  scriptedProvider,
  utteranceOf,
} from '../../support/scriptedProvider.js';
import { createTestScheduler } from '../../support/testScheduler.js';

type Script = Partial<Record<SttProvider, () => Observable<Recognition>>>;

describe('createSpeechToText', () => {
  let rxTest: TestScheduler;
  let requests: Record<SttProvider, number>;
  let logged: string[];
  /** Whose utterances the fallback has given a text. */
  let failedOver: SttProvider[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    requests = { deepgram: 0, elevenlabs: 0, groq: 0 };
    [logged, failedOver] = [[], []];
  });

  /** Providers that do as told, else serve at once; groq is asked when an utterance has ended. */
  function hostOf(
    script: Script = {},
    fallback: SpeechToTextOptions['fallback'] = 'groq',
  ): HostSpeechToText {
    const adapter = (provider: SttProvider) => ({
      batch: provider === 'groq',
      stt: scriptedProvider(provider, () => {
        requests[provider] += 1;
        return script[provider]?.() ?? of(recognitionBy(provider));
      }),
    });
    const adapters = {
      deepgram: adapter('deepgram'),
      elevenlabs: adapter('elevenlabs'),
      groq: adapter('groq'),
    };
    const [logger, lines] = recordedLogger('info');
    logged = collect(lines);
    return createSpeechToText({
      adapters,
      fallback,
      logger,
      metrics: {
        ...createMetrics().transcription,
        failedOver: (provider) => failedOver.push(provider),
      },
      now: () => rxTest.now(),
      random: () => 1,
    });
  }
  const asked = (host: HostSpeechToText, provider: SttProvider, utterance = utteranceOf('u', 0)) =>
    outcomeOf(host.byProvider[provider].transcribe(utterance, 'en'));
  const failing = (...args: Parameters<typeof failure>) => {
    const error = failure(...args);
    return () => throwError(() => error);
  };
  /** Fails until so many milliseconds have gone by. */
  const backAt = (time: number, provider: SttProvider) => () =>
    rxTest.now() < time ? throwError(() => failure('retry')) : of(recognitionBy(provider));

  const values = { d: 'deepgram', e: 'elevenlabs', g: 'groq' };

  it('should ask each provider for itself', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const host = hostOf();
      for (const provider of ['deepgram', 'elevenlabs', 'groq'] as const) {
        expect(host.byProvider[provider]).to.include({ provider, model: `${provider}-1` });
        expectObservable(asked(host, provider)).toBe('(p|)', { p: provider });
      }
      flush();
      expect(requests).to.deep.equal({ deepgram: 1, elevenlabs: 1, groq: 1 });
    });
  });

  it('should give an utterance to the fallback when it has failed twice', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const host = hostOf({ deepgram: failing('retry') });
      expectObservable(asked(host, 'deepgram')).toBe('250ms (g|)', values);
      flush();
      expect(requests).to.include({ deepgram: 2, groq: 1 });
    });
    expect(failedOver).to.deep.equal(['deepgram']);
  });

  it('should go to the fallback at once when told to come back later, without another request', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const host = hostOf({ elevenlabs: failing('throttle', 20_000) });
      for (const at of ['^', '1s ^', '19s ^']) {
        expectObservable(asked(host, 'elevenlabs'), at).toBe(at.replace('^', '(g|)'), values);
      }
      flush();
      expect(requests).to.include({ elevenlabs: 1, groq: 3 });
    });
  });

  it('should not have the fallback asked before the utterance has ended', () => {
    rxTest.run(({ hot, expectObservable, flush }) => {
      const end = hot('---e', { e: { endMs: 3, by: 'pause' } as const });
      const host = hostOf({ deepgram: failing('fatal') });
      const live: Utterance = { ...utteranceOf('live'), end };
      expectObservable(asked(host, 'deepgram', live)).toBe('---(g|)', values);
      flush();
      expect(requests).to.include({ deepgram: 1, groq: 1 });
    });
  });

  it('should wait for the provider where nobody stands in', () => {
    rxTest.run(({ expectObservable }) => {
      const host = hostOf({ deepgram: backAt(30_000, 'deepgram') }, 'off');
      // Fails three times within 750 ms, and is tried out 2, 4, 8, 10 and 10 s after that.
      expectObservable(asked(host, 'deepgram')).toBe('35750ms (d|)', values);
    });
  });

  it('should have nobody stand in for the fallback itself', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const host = hostOf({ groq: backAt(200, 'groq') });
      expectObservable(asked(host, 'groq')).toBe('250ms (g|)', values);
      flush();
      expect(requests).to.deep.equal({ deepgram: 0, elevenlabs: 0, groq: 2 });
    });
    expect(failedOver).to.deep.equal([]);
  });

  it('should give up at once where a fatal failure leaves nobody to ask', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const host = hostOf({ deepgram: failing('fatal'), groq: failing('fatal') });
      expectObservable(asked(host, 'deepgram')).toBe('(f|)', { f: 'fatal' });
      flush();
      expect(requests).to.include({ deepgram: 1, groq: 1 });
    });
  });

  it('should go back to the provider that is back, while its fallback is still out of order', () => {
    for (const groq of [failing('retry'), failing('fatal')]) {
      rxTest = createTestScheduler();
      rxTest.run(({ flush }) => {
        const host = hostOf({ deepgram: backAt(3_000, 'deepgram'), groq });
        const texts = collect(asked(host, 'deepgram'));
        flush();
        expect(texts).to.deep.equal(['deepgram']);
        expect(rxTest.now()).to.be.below(10_000);
      });
    }
  });

  it('should know a fallback that is out of order, whoever found out', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const host = hostOf({ groq: failing('throttle', 5_000), deepgram: failing('fatal') });
      expectObservable(asked(host, 'groq'), '^!').toBe('-');
      expectObservable(asked(host, 'deepgram'), '1s ^!').toBe('-');
      flush();
      expect(requests).to.include({ deepgram: 1, groq: 1 });
    });
  });

  it('should tell the states of the providers, the current ones first', () => {
    rxTest.run(({ expectObservable, flush }) => {
      const deepgram = () => {
        if (rxTest.now() >= 5_000) return NEVER;
        return throwError(() => failure(rxTest.now() < 1_000 ? 'retry' : 'fatal'));
      };
      const host = hostOf({ deepgram });
      expectObservable(host.states$.pipe(map(({ deepgram, groq }) => [deepgram, groq]))).toBe(
        's 999ms o 4999ms p',
        { s: ['closed', 'closed'], o: ['open', 'closed'], p: ['probing', 'closed'] },
      );
      for (const at of ['^', '1s ^', '6s ^']) expectObservable(asked(host, 'deepgram'), at);
      flush();
    });
  });

  it('should log an outage once, and its end', () => {
    rxTest.run(({ hot, flush }) => {
      const host = hostOf({
        deepgram: () =>
          rxTest.now() < 30_000
            ? throwError(() => failure('fatal'))
            : of(recognitionBy('deepgram')),
      });
      collect(hot(' u 999ms'.repeat(120)).pipe(mergeMap(() => asked(host, 'deepgram'))));
      flush();
    });
    const events = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ level, message, provider }) => [level, message, provider])).to.deep.equal([
      ['warn', 'speech provider is left alone', 'deepgram'],
      ['info', 'speech provider is back', 'deepgram'],
    ]);
    expect(events[0]?.error).to.include({ name: 'SttError', message: 'scripted' });
  });
});
