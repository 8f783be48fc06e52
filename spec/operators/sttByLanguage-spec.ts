import { expect } from 'chai';
import { NEVER, type Observable, of } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { sttByLanguage, type SttByLanguageOptions } from '../../operators/sttByLanguage.js';
import { SttError } from '../../operators/sttError.js';
import type {
  LanguageTag,
  Recognition,
  SpeechToText,
  SttProvider,
  Utterance,
  UtteranceEnd,
} from '../../operators/types.js';
import { createTestScheduler } from '../support/testScheduler.js';

const recognition = (text: string): Recognition => ({
  text,
  language: 'en',
  confidence: 0.9,
  provider: 'groq',
  model: 'spec',
});
const texts = { x: recognition('x'), y: recognition('y'), z: recognition('z') };

const utterance = (id: string, startMs: number, end: Observable<UtteranceEnd>): Utterance => ({
  id,
  startMs,
  audio: NEVER,
  end,
});
const endAt = (endMs: number): Observable<UtteranceEnd> => of({ endMs, by: 'pause' });

/** Utterances that are over when they are emitted. */
const utterances = {
  a: utterance('a', 1, endAt(2)),
  b: utterance('b', 3, endAt(5)),
  c: utterance('c', 6, endAt(9)),
  d: utterance('d', 10, endAt(14)),
};
const transcript = (id: keyof typeof utterances, text: keyof typeof texts, endMs: number) => ({
  ...texts[text],
  id,
  startMs: utterances[id].startMs,
  endMs,
});
const transcripts = {
  A: transcript('a', 'x', 2),
  B: transcript('b', 'y', 5),
  C: transcript('c', 'z', 9),
};

const fail = () => expect.fail('nothing is lost here');

describe('sttByLanguage', () => {
  let rxTest: TestScheduler;
  let log: string[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    log = [];
  });

  /** A provider that answers each utterance in its own way. */
  const answering = (
    answers: Readonly<Record<string, Observable<Recognition>>>,
    provider: SttProvider = 'groq',
  ): SpeechToText => ({
    provider,
    model: 'spec',
    transcribe: ({ id }, language) => {
      log.push(`${provider} ${id} ${language ?? 'none'}`);
      return answers[id]!;
    },
  });
  const transcribed = (
    source: Observable<Utterance>,
    stt: SpeechToText,
    options: Partial<SttByLanguageOptions> = {},
  ) =>
    source.pipe(
      sttByLanguage(
        {
          route: () => stt,
          language: of('en'),
          onFailure: (error, { provider }, { id }) =>
            log.push(`${provider} ${id} ${String(error)}`),
          onLost: ({ id }) => log.push(`lost ${id}`),
          ...options,
        },
        rxTest,
      ),
    );

  it('should turn utterances into transcripts, in spoken order', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('ab-------| ', utterances);
      const subs = '      ^--------! ';
      const a = cold('    -----(x|)  ', texts);
      const b = cold('     --(y|)    ', texts);
      const expected = '  -----(AB)| ';
      expectObservable(transcribed(source, answering({ a, b }))).toBe(expected, transcripts);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should let a transcript out after the end of the utterance alone, and with its time', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const end = cold('        -----(e|)', { e: { endMs: 77, by: 'cut' } as const });
      const source = hot('      a--|     ', { a: utterance('a', 1, end) });
      const a = cold('          --(x|)   ', texts);
      const expected = '        -----(A|)';
      const A = { ...transcripts.A, endMs: 77 };
      expectObservable(transcribed(source, answering({ a }))).toBe(expected, { A });
    });
  });

  it('should give nothing for an utterance in which nothing was said', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot('ab---| ', utterances);
      const a = cold('    --|    ', texts);
      const b = cold('     --(y|)', texts);
      const expected = '  ---B-| ';
      expectObservable(transcribed(source, answering({ a, b }))).toBe(expected, transcripts);
    });
  });

  it('should use the language in force when the utterance comes, a new one for the next', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions, flush }) => {
      const tags: Record<string, LanguageTag | undefined> = { e: 'en', r: 'ar', u: undefined };
      const language = hot('-e---r--u-', tags);
      const languageSubs = '^---------!';
      const source = hot('  a--b--c--d|', utterances);
      const expected = '    ----------|';
      const asked = (provider: SttProvider) =>
        answering({ a: cold('|'), b: cold('----|'), c: cold('|'), d: cold('|') }, provider);
      const providers: Record<string, SpeechToText> = {
        en: asked('deepgram'),
        ar: asked('elevenlabs'),
        none: asked('groq'),
      };
      const route = (tag: LanguageTag | undefined) => providers[tag ?? 'none']!;
      expectObservable(transcribed(source, asked('groq'), { route, language })).toBe(expected);
      expectSubscriptions(language.subscriptions).toBe(languageSubs);
      flush();
      expect(log).to.deep.equal(['groq a none', 'deepgram b en', 'elevenlabs c ar', 'groq d none']);
    });
  });

  it('should lose an utterance at which its provider fails, and no other one', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const source = hot('ab-c---| ', utterances);
      const a = cold('    --#      ', texts, new SttError('fatal', 'no such key'));
      const b = cold('     ---(y|) ', texts);
      const expected = '  ----B--| ';
      const stt: SpeechToText = {
        ...answering({ a, b }),
        transcribe: (utterance, language) => {
          if (utterance.id === 'c') throw new Error('not reached');
          return answering({ a, b }).transcribe(utterance, language);
        },
      };
      expectObservable(transcribed(source, stt)).toBe(expected, transcripts);
      flush();
      expect(log).to.deep.equal([
        'groq a en',
        'groq b en',
        'groq a SttError: no such key',
        'groq c Error: not reached',
      ]);
    });
  });

  it('should transcribe a few at once, and lose the oldest of what waits for too long', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions, flush }) => {
      const source = hot('abcd-----|      ', utterances);
      const a = cold('    ------(x|)      ', texts);
      const d = cold('          --(z|)    ', texts);
      const aSubs = '     ^-----!         ';
      const dSubs = '     ------^-!       ';
      const expected = '  ------A-D|      ';
      const options = { concurrency: 1, capacity: 5 };
      const result = transcribed(source, answering({ a, d }), options);
      expectObservable(result).toBe(expected, {
        ...transcripts,
        D: transcript('d', 'z', 14),
      });
      expectSubscriptions(a.subscriptions).toBe(aSubs);
      expectSubscriptions(d.subscriptions).toBe(dSubs);
      flush();
      expect(log).to.deep.equal(['groq a en', 'lost b', 'lost c', 'groq d en']);
    });
  });

  it('should count of an utterance that goes on what has been said so far', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const goingOn = { ...utterances, c: utterance('c', 0, NEVER) };
      const source = hot('a-c---b-', goingOn);
      const expected = '  --------';
      const a = cold<Recognition>('-');
      const options = { concurrency: 1, capacity: 6 };
      expectObservable(transcribed(source, answering({ a }), options)).toBe(expected);
      flush();
      expect(log).to.deep.equal(['groq a en', 'lost c']);
    });
  });

  it('should run three at once and let 30 s wait by default', () => {
    rxTest.run(({ cold, hot, expectObservable, flush }) => {
      const long = (id: string) => utterance(id, 0, endAt(15_000));
      const source = hot('abcdef', {
        ...{ a: long('a'), b: long('b'), c: long('c') },
        ...{ d: long('d'), e: long('e'), f: long('f') },
      });
      const a = cold<Recognition>('-');
      expectObservable(transcribed(source, answering({ a, b: a, c: a }))).toBe('------');
      flush();
      expect(log).to.deep.equal(['groq a en', 'groq b en', 'groq c en', 'lost d']);
    });
  });

  it('should carry over whatever else an utterance carries', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const stt = answering({ a: cold('(x|)', texts) });
      const spoken = { ...utterances.a, speaker: 'caller' };
      const options = { route: () => stt, language: NEVER, onFailure: fail, onLost: fail };
      const result = of(spoken).pipe(sttByLanguage(options));
      expectObservable(result).toBe('(A|)', { A: { ...transcripts.A, speaker: 'caller' } });
    });
  });

  it('should abort every request when unsubscribed', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  ab------', utterances);
      const language = hot('e-------', { e: 'en' });
      const a = cold('      --------', texts);
      const b = cold('       -------', texts);
      const unsub = '       ----!   ';
      const subs = '        ^---!   ';
      const result = transcribed(source, answering({ a, b }), { language });
      expectObservable(result, unsub).toBe('----');
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(language.subscriptions).toBe(subs);
      expectSubscriptions(a.subscriptions).toBe(subs);
      expectSubscriptions(b.subscriptions).toBe('-^--!');
    });
  });

  it('should pass on completion, silence, and errors of source and language', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const stt = answering({ a: cold('------') });
      expectObservable(transcribed(cold('--|'), stt)).toBe('  --|');
      expectObservable(transcribed(cold('---'), stt)).toBe('  ---');
      const failing = cold('a--#', utterances);
      expectObservable(transcribed(failing, stt)).toBe('      ---#');
      expectSubscriptions(failing.subscriptions).toBe('       ^--!');
      const language = hot('--#');
      expectObservable(transcribed(cold('---'), stt, { language })).toBe('--#');
    });
  });

  it('should pass on what a callback throws', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const error = new Error('spec');
      const fail = () => {
        throw error;
      };
      const source = hot('-ab-', utterances);
      const stt = answering({ a: cold('#') });
      expectObservable(transcribed(source, stt, { route: fail })).toBe('    -#', {}, error);
      expectObservable(transcribed(source, stt, { onFailure: fail })).toBe('-#', {}, error);
      const busy = answering({ a: cold<Recognition>('---') });
      const tight = { concurrency: 1, capacity: 0, onLost: fail };
      expectObservable(transcribed(source, busy, tight)).toBe('             --#', {}, error);
      expectSubscriptions(source.subscriptions).toBe(['^!', '^!', '^-!']);
    });
  });
});
