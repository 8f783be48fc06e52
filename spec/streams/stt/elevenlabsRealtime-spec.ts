import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { catchError, filter, firstValueFrom, of } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import type { SessionFault } from '../../../demo/providers/elevenlabsListener.js';
import {
  type ElevenLabsStandIn,
  type ElevenLabsStandInOptions,
  startElevenLabsStandIn,
} from '../../../demo/providers/elevenlabsStandIn.js';
import type { HttpFault } from '../../../demo/providers/standInServer.js';
import { SttError, type SttErrorKind } from '../../../operators/sttError.js';
import type {
  LanguageTag,
  Recognition,
  SpeechToText,
  Utterance,
} from '../../../operators/types.js';
import { createElevenLabsRealtime } from '../../../streams/stt/elevenlabsRealtime.js';
import { describeSpeechToText, type ProviderFault } from '../../support/describeSpeechToText.js';
import { spokenUtterance, startSpeaking } from '../../support/spokenUtterance.js';
import { TONE_PHRASES, tonePhraseBook } from '../../support/tonePhrases.js';

const API_KEY = 'sk_secret';
const FAULTS: Readonly<Record<ProviderFault, HttpFault>> = {
  refused: refusal(401),
  throttled: refusal(429),
  unavailable: refusal(503),
  silent: { hangs: 'head' },
};
const [MORNING, QUESTION] = [TONE_PHRASES[0]!, TONE_PHRASES[1]!];
const SOON = 20_000;

function refusal(status: number, headers: Readonly<Record<string, string>> = {}): HttpFault {
  return { answer: { status, headers, body: { detail: { message: `not with ${API_KEY}` } } } };
}

describeSpeechToText('createElevenLabsRealtime', async (phraseBook) => {
  const standIn = await startElevenLabsStandIn({ apiKey: API_KEY, phraseBook });
  return {
    ...standIn,
    stt: createElevenLabsRealtime({ apiKey: API_KEY, baseUrl: standIn.url, deadline: 2_000 }),
    apiKey: API_KEY,
    language: 'ar-SA',
    fail: (fault) => standIn.fail(fault && FAULTS[fault]),
  };
});

describe('createElevenLabsRealtime', () => {
  let standIn: ElevenLabsStandIn;
  let stt: SpeechToText;

  const setUp = async (options: Partial<ElevenLabsStandInOptions> = {}, deadline = SOON) => {
    standIn = await startElevenLabsStandIn({
      apiKey: API_KEY,
      phraseBook: tonePhraseBook,
      ...options,
    });
    stt = createElevenLabsRealtime({ apiKey: API_KEY, baseUrl: standIn.url, deadline });
  };
  beforeEach(() => setUp());
  afterEach(() => standIn.close());

  const outcome = (utterance: Utterance, language: LanguageTag | undefined = 'ar') =>
    firstValueFrom(
      stt
        .transcribe(utterance, language)
        .pipe(catchError((error: unknown) => of(error as SttError))),
      { defaultValue: undefined },
    );
  const spoken = spokenUtterance(MORNING.samples);
  const recognition = async (utterance = spoken, language?: LanguageTag): Promise<Recognition> => {
    const result = await outcome(utterance, language);
    if (result === undefined || result instanceof Error) return expect.fail(String(result));
    return result;
  };
  const failure = async (utterance = spoken): Promise<SttError> => {
    const result = await outcome(utterance);
    return result instanceof SttError ? result : expect.fail('it did not fail');
  };
  const openIs = (count: number) =>
    firstWithin(standIn.open.pipe(filter((open) => open === count)), SOON, `${count} open`);

  const hears = (seconds: number) => {
    const enough = standIn.heard.pipe(filter((heard) => heard > seconds - 1e-9));
    return firstWithin(enough, SOON, `${seconds} s of audio`);
  };

  /** Says a second of something that is committed to unasked, and then goes on. */
  const speak = (more: Int16Array): Utterance => {
    const { utterance, say, pause } = startSpeaking();
    say(MORNING.samples);
    const goOn = async () => {
      // The last chunk is kept back, for it may be the last one.
      await hears(0.9);
      for (let at = 0; at < more.length; at += 320) {
        await sleep(10);
        say(more.slice(at, at + 320));
      }
      pause();
    };
    void goOn();
    return utterance;
  };

  it('should ask for a session that is told where the utterance ends', async () => {
    await recognition();
    expect(standIn.queries().map((query) => Object.fromEntries(query))).to.deep.equal([
      {
        model_id: 'scribe_v2_realtime',
        audio_format: 'pcm_16000',
        commit_strategy: 'manual',
        include_timestamps: 'true',
        language_code: 'ar',
      },
    ]);
  });

  it('should detect a language that Scribe does not know', async () => {
    expect((await recognition(spoken, 'eu')).language).to.equal('en');
    const query = Object.fromEntries(standIn.queries()[0]!);
    expect(query).to.include({ include_language_detection: 'true' });
    expect(query).not.to.have.property('language_code');
  });

  it('should listen as soon as somebody speaks', async () => {
    const { utterance, say, pause } = startSpeaking();
    const result = outcome(utterance);
    await openIs(1);
    say(MORNING.samples.slice(0, 8_000));
    await hears(0.3);
    say(MORNING.samples.slice(8_000));
    pause();
    expect(await result).to.include({ text: MORNING.text });
    expect(standIn.audioSeconds()).to.be.closeTo(1, 1e-9);
  });

  it('should hear what was said before the session was open', async () => {
    const { utterance, say, pause } = startSpeaking();
    say(QUESTION.samples.slice(0, 9_000));
    const result = outcome(utterance);
    say(QUESTION.samples.slice(9_000));
    pause();
    expect(await result).to.include({ text: QUESTION.text });
  });

  it('should be as sure of the text as Scribe is of a word of it', async () => {
    const { language, confidence } = await recognition();
    expect(language).to.equal('ar');
    expect(confidence).to.be.closeTo(Math.exp(-0.1), 1e-9);
  });

  it('should keep the text that was committed to before the utterance was over', async () => {
    await standIn.close();
    await setUp({ autoCommitSeconds: 1 });
    const { text, confidence } = await recognition(speak(QUESTION.samples.slice(0, 9_600)));
    expect(text).to.equal(`${MORNING.text} ${QUESTION.text}`);
    expect(confidence).to.be.closeTo(Math.exp(-0.1), 1e-9);
  });

  it('should keep that text where too little is left to commit to', async () => {
    await standIn.close();
    await setUp({ autoCommitSeconds: 1 });
    const { text } = await recognition(speak(QUESTION.samples.slice(0, 3_200)));
    expect(text).to.equal(MORNING.text);
  });

  it('should understand nothing where there is hardly any audio', async () => {
    expect(await outcome(spokenUtterance(MORNING.samples.slice(0, 3_200)))).to.equal(undefined);
    expect(await outcome(spokenUtterance(new Int16Array()))).to.equal(undefined);
    await openIs(0);
  });

  const oddities: Readonly<Record<string, SessionFault>> = {
    'the words come first': { twins: ['timed', 'plain'] },
    'the words come alone': { twins: ['timed'] },
    'there is what is no JSON': { noise: ['{"message_type":', 'null', '[]', '"hello"', ''] },
    'there are messages of a later protocol': {
      noise: ['{"message_type":"warning","warning":"w"}', '{"message_type":"new","text":"no"}'],
    },
    'a commit is told of without a text': { noise: ['{"message_type":"committed_transcript"}'] },
  };
  for (const [what, fault] of Object.entries(oddities)) {
    it(`should give the text once where ${what}`, async () => {
      standIn.failSession(fault);
      const { text, confidence } = await recognition();
      expect(text).to.equal(MORNING.text);
      expect(confidence).to.be.closeTo(Math.exp(-0.1), 1e-9);
    });
  }

  it('should give the text without its words where they do not come', async () => {
    standIn.failSession({ twins: ['plain'] });
    const { text, language, confidence } = await recognition();
    expect([text, language, confidence]).to.deep.equal([MORNING.text, 'ar', undefined]);
  });

  const errors: Readonly<Record<SttErrorKind, readonly string[]>> = {
    fatal: [
      'auth_error',
      'quota_exceeded',
      'unaccepted_terms',
      'invalid_request',
      'input_error',
      'chunk_size_exceeded',
    ],
    throttle: ['rate_limited', 'queue_overflow', 'resource_exhausted'],
    retry: [
      'transcriber_error',
      'error',
      'session_time_limit_exceeded',
      'insufficient_audio_activity',
      'an_error_of_a_later_protocol',
    ],
  };
  for (const [kind, types] of Object.entries(errors)) {
    for (const error of types) {
      for (const at of ['start', 'commit'] as const) {
        it(`should call ${error} at the ${at} a failure of kind ${kind}`, async () => {
          standIn.failSession({ at, error });
          const { message, ...rest } = await failure();
          expect(message).to.equal(`ElevenLabs: ${error}`);
          expect(rest).to.deep.include({ kind, retryAfter: undefined });
          expect(standIn.requests()).to.equal(1);
          await openIs(0);
        });
      }
    }
  }

  const closings: Readonly<Record<string, SessionFault>> = {
    'closes at once': { at: 'start', closes: 1000 },
    'closes in place of the text': { at: 'commit', closes: 1000 },
    'closes for a reason of its own': { at: 'commit', closes: 1011 },
  };
  for (const [what, fault] of Object.entries(closings)) {
    it(`should call for a retry where the server ${what}`, async () => {
      standIn.failSession(fault);
      expect(await failure()).to.include({ kind: 'retry' });
      await openIs(0);
    });
  }

  it('should call for a retry where the server never says a word', async () => {
    await standIn.close();
    await setUp({}, 500);
    standIn.failSession({ hangs: true });
    expect(await failure()).to.include({ kind: 'retry' });
    await openIs(0);
  });

  it('should call for a retry where the server closes for the silence', async () => {
    await standIn.close();
    await setUp({ idleMs: 50 });
    const { utterance, say } = startSpeaking();
    say(MORNING.samples);
    expect(await failure(utterance)).to.include({
      kind: 'retry',
      message: 'ElevenLabs closed the connection: 1000',
    });
  });

  it('should call for a retry where the connection breaks', async () => {
    const { utterance, say } = startSpeaking();
    say(MORNING.samples);
    const result = failure(utterance);
    await hears(0.1);
    await standIn.close();
    await setUp();
    expect(await result).to.include({ kind: 'retry' });
  });

  const refusals: readonly (readonly [HttpFault, SttErrorKind, number?])[] = [
    [refusal(400), 'fatal'],
    [refusal(401), 'fatal'],
    [refusal(403), 'fatal'],
    [refusal(404), 'fatal'],
    [refusal(429), 'throttle'],
    [refusal(429, { 'retry-after': '2' }), 'throttle', 2_000],
    [refusal(503, { 'retry-after': '2' }), 'throttle', 2_000],
    [refusal(500), 'retry'],
  ];
  for (const [fault, kind, retryAfter] of refusals) {
    const { status, headers } = fault.answer!;
    const what = [status, ...Object.entries(headers!).flat()].join(' ');
    it(`should call a connection refused by ${what} a failure of kind ${kind}`, async () => {
      standIn.fail(fault);
      const error = await failure();
      expect(error).to.deep.include({ kind, retryAfter });
      expect(error.message).to.equal(`ElevenLabs answered ${status}`);
      await openIs(0);
    });
  }

  it('should close at once when it is unsubscribed in mid-speech', async () => {
    const { utterance, say } = startSpeaking();
    say(MORNING.samples);
    const subscription = stt.transcribe(utterance, 'ar').subscribe();
    await hears(0.1);
    subscription.unsubscribe();
    await openIs(0);
  });

  it('should take an address with a slash at its end', async () => {
    stt = createElevenLabsRealtime({ apiKey: API_KEY, baseUrl: `${standIn.url}/` });
    expect((await recognition()).text).to.equal(MORNING.text);
  });

  it('should not repeat a key that cannot be sent', async () => {
    stt = createElevenLabsRealtime({ apiKey: 'sk_\nsecret', baseUrl: standIn.url });
    const error = await failure();
    expect(error.kind).to.equal('retry');
    expect(inspect(error)).not.to.include('secret');
    expect(standIn.requests()).to.equal(0);
  });
});
