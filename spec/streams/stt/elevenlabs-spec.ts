import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { catchError, filter, firstValueFrom, of } from 'rxjs';
import {
  type ElevenLabsStandIn,
  startElevenLabsStandIn,
} from '../../../demo/providers/elevenlabsStandIn.js';
import { firstWithin } from '../../../demo/firstWithin.js';
import type { HttpFault } from '../../../demo/providers/standInServer.js';
import { SttError, type SttErrorKind } from '../../../operators/sttError.js';
import type { LanguageTag, Recognition, SpeechToText } from '../../../operators/types.js';
import { createElevenLabs } from '../../../streams/stt/elevenlabs.js';
import { describeSpeechToText, type ProviderFault } from '../../support/describeSpeechToText.js';
import { spokenUtterance } from '../../support/spokenUtterance.js';
import { TONE_PHRASES, tonePhraseBook } from '../../support/tonePhrases.js';

const API_KEY = 'sk_secret';
const FAULTS: Readonly<Record<ProviderFault, HttpFault>> = {
  refused: refusal(401, { code: 'invalid_api_key', message: `Invalid API key ${API_KEY}` }),
  throttled: refusal(429, { code: 'concurrent_limit_exceeded', message: 'Too many' }),
  unavailable: refusal(503, { code: 'unavailable', message: 'Later' }),
  silent: { hangs: 'head' },
};
const { text: MORNING, samples: VOICE } = TONE_PHRASES[0]!;
const SOON = 10_000;

function refusal(status: number, detail: unknown): HttpFault {
  return { answer: { status, body: { detail } } };
}

function success(body: unknown): HttpFault {
  return { answer: { status: 200, body } };
}

describeSpeechToText('createElevenLabs', async (phraseBook) => {
  const standIn = await startElevenLabsStandIn({ apiKey: API_KEY, phraseBook });
  return {
    ...standIn,
    stt: createElevenLabs({ apiKey: API_KEY, baseUrl: standIn.url, deadline: 2_000 }),
    apiKey: API_KEY,
    language: 'ar-SA',
    fail: (fault) => standIn.fail(fault && FAULTS[fault]),
  };
});

describe('createElevenLabs', () => {
  let standIn: ElevenLabsStandIn;
  let stt: SpeechToText;

  beforeEach(async () => {
    standIn = await startElevenLabsStandIn({ apiKey: API_KEY, phraseBook: tonePhraseBook });
    stt = createElevenLabs({ apiKey: API_KEY, baseUrl: standIn.url });
  });
  afterEach(() => standIn.close());

  const outcome = (language: LanguageTag | undefined, voice = VOICE) =>
    firstValueFrom(
      stt
        .transcribe(spokenUtterance(voice), language)
        .pipe(catchError((error: unknown) => of(error as SttError))),
      { defaultValue: undefined },
    );
  const recognition = async (language?: LanguageTag): Promise<Recognition> => {
    const result = await outcome(language);
    if (result === undefined || result instanceof Error) return expect.fail(String(result));
    return result;
  };
  const failure = async (): Promise<SttError> => {
    const result = await outcome('ar');
    return result instanceof SttError ? result : expect.fail('it did not fail');
  };

  it('should ask for words and their certainty, not for noises', async () => {
    await recognition('ar');
    expect(standIn.forms()).to.deep.equal([
      {
        model_id: ['scribe_v2'],
        language_code: ['ar'],
        tag_audio_events: ['false'],
        timestamps_granularity: ['word'],
      },
    ]);
  });

  it('should load no client of the SDK but the one it asks', async () => {
    await outcome('ar');
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    const clients = loaded.filter((path) => /\/elevenlabs\/.*Client\.js$/.test(path));
    expect(clients).to.have.length(1);
    expect(clients[0]).to.include('/speechToText/');
  });

  it('should send the utterance as it was, once', async () => {
    await recognition();
    expect(standIn.audioSeconds()).to.equal(VOICE.length / 16_000);
  });

  it('should be as sure of the text as Scribe is of a word of it', async () => {
    const { text, confidence } = await recognition();
    expect(text).to.equal(MORNING);
    expect(confidence).to.be.closeTo(Math.exp(-0.1), 1e-9);
  });

  const languages: readonly (readonly [LanguageTag | undefined, string | undefined, string])[] = [
    ['ar', 'ar', 'ar'],
    ['ar-SA', 'ar', 'ar'],
    ['AR-eg', 'ar', 'ar'],
    ['ara', 'ar', 'ar'],
    ['fr-CA', 'fr', 'fr'],
    ['nb', 'no', 'no'],
    [undefined, undefined, 'en'],
    ['eu', undefined, 'en'],
    ['not a language', undefined, 'en'],
  ];
  for (const [tag, sent, told] of languages) {
    it(`should ask for ${sent ?? 'any language'} where it is told "${tag ?? ''}"`, async () => {
      const { language } = await recognition(tag);
      expect(standIn.forms()[0]!.language_code?.[0]).to.equal(sent);
      expect(language).to.equal(told);
    });
  }

  it('should send nothing where there is hardly any audio', async () => {
    expect(await outcome('ar', VOICE.slice(0, 1_599))).to.equal(undefined);
    expect(await outcome('ar', new Int16Array())).to.equal(undefined);
    expect(standIn.requests()).to.equal(0);
    expect(await outcome('ar', VOICE.slice(0, 1_600))).to.be.an('object');
  });

  it('should weigh words alone, not what is between them', async () => {
    const words = [
      { type: 'word', logprob: -0.1 },
      { type: 'spacing', logprob: -9 },
      { type: 'word', logprob: -0.3 },
      { type: 'audio_event', logprob: -9 },
    ];
    standIn.fail(success({ text: ' نعم بالتأكيد ', language_code: 'ara', words }));
    const { text, language, confidence } = await recognition('en');
    expect([text, language]).to.deep.equal(['نعم بالتأكيد', 'ar']);
    expect(confidence).to.be.closeTo(Math.exp(-0.2), 1e-9);
  });

  it('should be unsure of an answer without words, and take the language for granted', async () => {
    standIn.fail(success({ text: 'نعم' }));
    const { text, language, confidence } = await recognition('ar-SA');
    expect([text, language, confidence]).to.deep.equal(['نعم', 'ar', undefined]);
  });

  const failures: Readonly<Record<string, readonly [HttpFault, SttErrorKind]>> = {
    'a wrong request': [refusal(400, { code: 'invalid_audio' }), 'fatal'],
    'a used up quota': [refusal(401, { status: 'quota_exceeded' }), 'fatal'],
    'an unpaid account': [refusal(402, {}), 'fatal'],
    'a forbidden model': [refusal(403, {}), 'fatal'],
    'a form that is refused': [refusal(422, [{ loc: ['body'], msg: 'no' }]), 'fatal'],
    'too many requests at once': [refusal(429, { status: 'too_many_concurrent' }), 'throttle'],
    'a busy system': [refusal(429, { code: 'system_busy' }), 'throttle'],
    'a server error': [refusal(500, {}), 'retry'],
    'a gateway that answers in HTML': [{ answer: { status: 502, body: '<html>' } }, 'retry'],
    'a head that never comes': [{ hangs: 'head' }, 'retry'],
    'a body that never ends': [{ hangs: 'body' }, 'retry'],
    'a body that is torn': [{ torn: true }, 'retry'],
    'a success in HTML': [success('<html>'), 'retry'],
    'a success without text': [success({ words: [] }), 'retry'],
    'a success that is null': [success(null), 'retry'],
  };
  for (const [what, [fault, kind]] of Object.entries(failures)) {
    it(`should call ${what} a failure of kind ${kind}, after one request`, async () => {
      if (fault.hangs)
        stt = createElevenLabs({ apiKey: API_KEY, baseUrl: standIn.url, deadline: 2_000 });
      standIn.fail(fault);
      expect(await failure()).to.deep.include({ kind, retryAfter: undefined });
      expect(standIn.requests()).to.equal(1);
      await firstWithin(standIn.open.pipe(filter((open) => open === 0)), SOON, 'no request');
    });
  }

  const messages: Readonly<Record<string, HttpFault>> = {
    '401 invalid_api_key': FAULTS.refused,
    '401 quota_exceeded': refusal(401, { status: 'quota_exceeded' }),
    '422': refusal(422, [{ loc: ['body'], msg: 'no' }]),
    '502': { answer: { status: 502, body: '<html>' } },
  };
  for (const [message, fault] of Object.entries(messages)) {
    it(`should say no more than "${message}" of a refusal`, async () => {
      standIn.fail(fault);
      expect((await failure()).message).to.equal(`ElevenLabs answered ${message}`);
    });
  }

  it('should take an address with a slash at its end', async () => {
    stt = createElevenLabs({ apiKey: API_KEY, baseUrl: `${standIn.url}/` });
    expect((await recognition()).text).to.equal(MORNING);
  });

  it('should not repeat a key that cannot be sent', async () => {
    stt = createElevenLabs({ apiKey: 'sk_\nsecret', baseUrl: standIn.url });
    const error = await failure();
    expect(error.kind).to.equal('retry');
    expect(inspect(error)).not.to.include('secret');
    expect(standIn.requests()).to.equal(0);
  });
});
