import { inspect } from 'node:util';
import { expect } from 'chai';
import { catchError, filter, firstValueFrom, of } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { type GroqStandIn, startGroqStandIn } from '../../../demo/providers/groqStandIn.js';
import type { HttpFault } from '../../../demo/providers/standInServer.js';
import { SttError, type SttErrorKind } from '../../../operators/sttError.js';
import type { LanguageTag, Recognition, SpeechToText } from '../../../operators/types.js';
import { createGroq } from '../../../streams/stt/groq.js';
import { describeSpeechToText, type ProviderFault } from '../../support/describeSpeechToText.js';
import { spokenUtterance } from '../../support/spokenUtterance.js';
import { TONE_PHRASES, tonePhraseBook } from '../../support/tonePhrases.js';

const API_KEY = 'gsk_secret';
const FAULTS: Readonly<Record<ProviderFault, HttpFault>> = {
  refused: refusal(401, { message: `Invalid API Key: ${API_KEY}`, code: 'invalid_api_key' }),
  throttled: refusal(429, { message: 'Rate limit reached', code: 'rate_limit_exceeded' }),
  unavailable: refusal(503, { message: 'Service Unavailable' }),
  silent: { hangs: 'head' },
};
const { text: MORNING, samples: VOICE } = TONE_PHRASES[0]!;
const SOON = 10_000;

function refusal(status: number, error: object, headers = {}): HttpFault {
  return { answer: { status, headers, body: { error } } };
}

/** An answer in which Whisper tells of these segments. */
function told(...segments: readonly object[]): HttpFault {
  return { answer: { status: 200, body: { text: ' ignored', language: 'French', segments } } };
}

describeSpeechToText('createGroq', async (phraseBook) => {
  const standIn = await startGroqStandIn({ apiKey: API_KEY, phraseBook });
  return {
    ...standIn,
    stt: createGroq({ apiKey: API_KEY, baseUrl: standIn.url, deadline: 2_000 }),
    apiKey: API_KEY,
    language: 'fr',
    fail: (fault) => standIn.fail(fault && FAULTS[fault]),
  };
});

describe('createGroq', () => {
  let standIn: GroqStandIn;
  let stt: SpeechToText;

  beforeEach(async () => {
    standIn = await startGroqStandIn({ apiKey: API_KEY, phraseBook: tonePhraseBook });
    stt = createGroq({ apiKey: API_KEY, baseUrl: standIn.url });
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
    const result = await outcome('fr');
    return result instanceof SttError ? result : expect.fail('it did not fail');
  };

  it('should ask for the text alone, with its segments, as certain as can be', async () => {
    await recognition();
    expect(standIn.forms()).to.deep.equal([
      { model: ['whisper-large-v3-turbo'], response_format: ['verbose_json'], temperature: ['0'] },
    ]);
  });

  it('should send the utterance as it was, once', async () => {
    await recognition();
    expect(standIn.audioSeconds()).to.equal(VOICE.length / 16_000);
  });

  it('should take the space off the text and be as sure of it as Whisper', async () => {
    const { text, confidence } = await recognition();
    expect(text).to.equal(MORNING);
    expect(confidence).to.be.closeTo(Math.exp(-0.2), 1e-9);
  });

  const languages: readonly (readonly [LanguageTag | undefined, string | undefined, string])[] = [
    ['fr-CA', 'fr', 'fr'],
    ['FR', 'fr', 'fr'],
    ['zh-Hant-TW', 'zh', 'zh'],
    ['ja', 'ja', 'ja'],
    ['nb-NO', 'no', 'no'],
    ['fil-PH', 'tl', 'fil'],
    ['yue', 'yue', 'yue'],
    [undefined, undefined, 'en'],
    ['ga-IE', undefined, 'en'],
    ['not a language', undefined, 'en'],
  ];
  for (const [tag, sent, told] of languages) {
    it(`should ask for ${sent ?? 'any language'} where it is told "${tag ?? ''}"`, async () => {
      const { language } = await recognition(tag);
      expect(standIn.forms()[0]!.language?.[0]).to.equal(sent);
      expect(language).to.equal(told);
    });
  }

  it('should send nothing where there is hardly any audio', async () => {
    expect(await outcome('fr', VOICE.slice(0, 1_599))).to.equal(undefined);
    expect(await outcome('fr', new Int16Array())).to.equal(undefined);
    expect(standIn.requests()).to.equal(0);
    expect(await outcome('fr', VOICE.slice(0, 1_600))).to.be.an('object');
  });

  it('should leave out what Whisper invented, and weigh the rest by its length', async () => {
    standIn.fail(
      told(
        { start: 0, end: 1, text: ' Bonjour', avg_logprob: -0.1, no_speech_prob: 0.9 },
        { start: 1, end: 2, text: ' Merci.', avg_logprob: -1.1, no_speech_prob: 0.61 },
        { start: 2, end: 5, text: ' Marie', avg_logprob: -1.5, no_speech_prob: 0.6 },
      ),
    );
    const { text, language, confidence } = await recognition();
    expect([text, language]).to.deep.equal(['Bonjour Marie', 'fr']);
    expect(confidence).to.be.closeTo(Math.exp((-0.1 - 3 * 1.5) / 4), 1e-9);
  });

  const answers: Readonly<Record<string, HttpFault>> = {
    'without segments': { answer: { status: 200, body: { text: ' Bonjour' } } },
    'with no segments': { answer: { status: 200, body: { text: ' Bonjour', segments: [] } } },
  };
  for (const [what, fault] of Object.entries(answers)) {
    it(`should be unsure of an answer ${what}, and take the language for granted`, async () => {
      standIn.fail(fault);
      const { text, language, confidence } = await recognition('fr-CA');
      expect([text, language, confidence]).to.deep.equal(['Bonjour', 'fr', undefined]);
    });
  }

  const failures: Readonly<Record<string, readonly [HttpFault, SttErrorKind, number?]>> = {
    'a wrong request': [refusal(400, { message: 'unsupported language' }), 'fatal'],
    'an unpaid account': [refusal(402, {}), 'fatal'],
    'a forbidden model': [refusal(403, {}), 'fatal'],
    'an unknown model': [refusal(404, {}), 'fatal'],
    'too large a file': [refusal(413, {}), 'fatal'],
    'an answer that makes no sense of it': [refusal(422, {}), 'fatal'],
    'a request that took too long': [refusal(408, {}), 'retry'],
    'a conflict': [refusal(409, {}), 'retry'],
    'a server error': [refusal(500, {}), 'retry'],
    'a gateway that answers in HTML': [{ answer: { status: 502, body: '<html>' } }, 'retry'],
    'a busy server': [refusal(503, {}, { 'retry-after': '3' }), 'throttle', 3_000],
    'used up capacity': [refusal(498, {}), 'throttle'],
    'a long way to the next request': [refusal(429, {}, { 'retry-after': '600' }), 'throttle', 6e5],
    'a limit that tells of its reset': [
      refusal(
        429,
        {},
        { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2m1.5s' },
      ),
      'throttle',
      121_500,
    ],
    'a head that never comes': [{ hangs: 'head' }, 'retry'],
    'a body that never ends': [{ hangs: 'body' }, 'retry'],
    'a body that is torn': [{ torn: true }, 'retry'],
    'a success in HTML': [{ answer: { status: 200, body: '<html>' } }, 'retry'],
    'a success without text': [{ answer: { status: 200, body: { segments: [] } } }, 'retry'],
    'a success that is null': [{ answer: { status: 200, body: null } }, 'retry'],
  };
  for (const [what, [fault, kind, retryAfter]] of Object.entries(failures)) {
    it(`should call ${what} a failure of kind ${kind}, after one request`, async () => {
      if (fault.hangs) stt = createGroq({ apiKey: API_KEY, baseUrl: standIn.url, deadline: 2_000 });
      standIn.fail(fault);
      expect(await failure()).to.deep.include({ kind, retryAfter });
      expect(standIn.requests()).to.equal(1);
      await firstWithin(standIn.open.pipe(filter((open) => open === 0)), SOON, 'no request');
    });
  }

  it('should name status and code, and neither what was said nor the key', async () => {
    standIn.fail(FAULTS.refused);
    expect((await failure()).message).to.equal('Groq answered 401 invalid_api_key');
  });

  it('should pass on when the account may ask again', async () => {
    await standIn.close();
    standIn = await startGroqStandIn({
      apiKey: API_KEY,
      phraseBook: tonePhraseBook,
      requestsPerMinute: 1,
    });
    stt = createGroq({ apiKey: API_KEY, baseUrl: standIn.url });
    await recognition();
    const { kind, retryAfter } = await failure();
    expect(kind).to.equal('throttle');
    expect(retryAfter).to.be.within(50_000, 60_000);
  });

  it('should take an address with a slash at its end', async () => {
    stt = createGroq({ apiKey: API_KEY, baseUrl: `${standIn.url}/` });
    expect((await recognition()).text).to.equal(MORNING);
  });

  it('should not repeat a key that cannot be sent', async () => {
    stt = createGroq({ apiKey: 'gsk_\nsecret', baseUrl: standIn.url });
    const error = await failure();
    expect(error.kind).to.equal('retry');
    expect(inspect(error)).not.to.include('secret');
    expect(standIn.requests()).to.equal(0);
  });
});
