import { expect } from 'chai';
import { filter, interval, switchMap } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { loadVoiceDetection } from '../../lib/engines/vad.js';
import type { SttProvider } from '../../operators/types.js';
import { forgivingPhraseBook } from '../support/forgivingPhraseBook.js';
import { inParallel } from '../support/inParallel.js';
import { phrasesOf } from '../support/phrasesOf.js';
import type { SpeechProviders } from '../support/speechProviders.js';
import {
  openSpokenCall,
  type Speaker,
  type SpokenCall,
  type SpokenCallRequest,
} from '../support/spokenCall.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

/** A call, and what happens in it. */
interface Trial extends Pick<SpokenCallRequest, 'language' | 'env'> {
  readonly what: string;
  readonly happens: (call: SpokenCall, phrases: readonly Phrase[]) => Promise<void>;
}

const NO_FALLBACK = { MEDIA_BOT_STT_FALLBACK: 'off' };
const ALL_OF_THEM = 150_000;
/** A provider that is back is asked again after 10 s at the latest, one with a fallback after 30 s. */
const BACK = 40_000;
/** What one person says and nobody transcribes yet: 30 s wait, and three utterances are tried. */
const TRIED = 3;

const failAll = ({ deepgram, groq, elevenlabs }: SpeechProviders, isBroken: boolean) => {
  const answer = { status: 503, body: 'out of order' };
  const refusal = { type: 'refuse', status: 503, code: 'SERVICE', message: 'SERVICE' } as const;
  deepgram.fail(isBroken ? refusal : undefined);
  groq.fail(isBroken ? { answer } : undefined);
  elevenlabs.fail(isBroken ? { answer } : undefined);
};
const seconds = (phrases: readonly Phrase[]) =>
  phrases.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / 1_000;
const texts = (phrases: readonly Phrase[]) => phrases.map(({ text }) => text);
/** Resolves once it is so. */
const until = (isSo: () => Promise<boolean>, what: string) =>
  firstWithin(interval(100).pipe(switchMap(isSo), filter(Boolean)), BACK, what);

async function sayAll({ say }: Speaker, phrases: readonly Phrase[]): Promise<void> {
  for (const phrase of phrases) await say(phrase);
}

/** Two people speak while nobody understands them, and are understood when somebody does again. */
const outage = (provider: SttProvider, request: Omit<Trial, 'happens'>): Trial => ({
  ...request,
  happens: async (call, phrases) => {
    const { caller, colleague, providers } = call;
    const last = phrases.at(-1)!;
    failAll(providers, true);
    await Promise.all([sayAll(caller, phrases), sayAll(colleague, [last])]);
    expect(caller.texts()).to.deep.equal([]);
    const asked = providers[provider].requests();
    // Three failures, then one trial after 1 to 2 s, 2 to 4 s, 4 to 8 s …
    expect(asked, 'requests while it is out of order').to.be.within(1, 10);
    failAll(providers, false);
    await Promise.all([caller.published(last.text, BACK), colleague.published(last.text, BACK)]);
    expect(caller.texts()).to.deep.equal(texts(phrases));
    expect(colleague.texts()).to.deep.equal([last.text]);
    expect(await call.lostSeconds(), 'seconds lost').to.equal(0);
    const needed = phrases.length + 1;
    expect(providers[provider].requests() - asked, 'requests after it').to.be.at.most(needed + 6);
  },
});

const TRIALS: readonly Trial[] = [
  {
    what: 'drop the oldest that waits, and count it, where an outage outlasts 30 s of speech',
    language: 'en',
    env: NO_FALLBACK,
    happens: async (call, phrases) => {
      const { caller, providers } = call;
      const said = Array.from({ length: 18 }, (_, n) => phrases[n % phrases.length]!);
      failAll(providers, true);
      await sayAll(caller, said);
      await until(async () => (await call.lostSeconds()) > 0, 'the first loss');
      failAll(providers, false);
      const delivered = () =>
        seconds(caller.texts().map((text) => phrases.find((phrase) => phrase.text === text)!));
      await until(
        async () => delivered() + (await call.lostSeconds()) > 0.95 * seconds(said),
        'what has become of everything',
      );
      const heard = caller.texts();
      const kept = heard.length - TRIED;
      expect(heard).to.deep.equal([...texts(said).slice(0, TRIED), ...texts(said).slice(-kept)]);
      const missing = seconds(said.slice(TRIED, said.length - kept));
      expect(await call.lostSeconds(), 'seconds lost').to.be.closeTo(missing, 0.2 * missing);
      expect(seconds(said.slice(-kept)), 'seconds that waited').to.be.within(24, 33);
    },
  },
  outage('deepgram', { what: 'lose nothing: Deepgram', language: 'en', env: NO_FALLBACK }),
  outage('groq', { what: 'lose nothing: Groq', language: 'fr', env: NO_FALLBACK }),
  outage('elevenlabs', { what: 'lose nothing: ElevenLabs', language: 'ar', env: NO_FALLBACK }),
  outage('elevenlabs', {
    what: 'lose nothing: ElevenLabs (realtime)',
    language: 'ar',
    env: { ...NO_FALLBACK, ELEVENLABS_MODE: 'realtime' },
  }),
  outage('deepgram', { what: 'lose nothing: Deepgram, and Groq as well', language: 'en' }),
  {
    what: 'count what a wrong key costs, and not try it again and again',
    language: 'en',
    env: NO_FALLBACK,
    happens: async (call, phrases) => {
      const { caller, providers } = call;
      const message = 'Invalid credentials.';
      providers.deepgram.fail({ type: 'refuse', status: 401, code: 'INVALID_AUTH', message });
      await sayAll(caller, phrases);
      const all = seconds(phrases);
      await until(async () => (await call.lostSeconds()) > 0.8 * all, 'the loss of everything');
      expect(await call.lostSeconds(), 'seconds lost').to.be.closeTo(all, 0.2 * all);
      expect(providers.deepgram.requests(), 'requests').to.be.within(2, 3);
      expect(caller.texts()).to.deep.equal([]);
    },
  },
  {
    what: 'count the one utterance that Groq, with nobody behind it, refuses for good',
    language: 'fr',
    happens: async (call, phrases) => {
      const { caller, colleague, providers } = call;
      const [refused, other, next] = phrases;
      providers.groq.fail({ answer: { status: 401, body: { error: {} } } }, 1);
      await Promise.all([caller.say(refused!), colleague.say(other!)]);
      await colleague.published(other!.text, BACK);
      await caller.say(next!);
      await caller.published(next!.text, BACK);
      expect(caller.texts()).to.deep.equal([next!.text]);
      const missing = seconds([refused!]);
      expect(await call.lostSeconds(), 'seconds lost').to.be.closeTo(missing, 0.3 * missing);
      expect(providers.groq.requests(), 'requests').to.equal(3);
    },
  },
];

const PHRASES: Readonly<Record<string, readonly string[]>> = {
  en: ['en-thanks.wav', 'en-angry.wav', 'en-order.wav'],
  fr: ['fr-tomorrow.wav', 'fr-cancel.wav', 'fr-thanks.wav'],
  ar: ['ar-waiting.wav', 'ar-bad.wav', 'ar-thanks.wav'],
};

describe('a call: transcription in an outage', function () {
  this.timeout(ALL_OF_THEM);
  const server = useLiveKitServer();
  let assets: AssetServer;
  before(async () => {
    assets = await startAssetServer({});
    await loadVoiceDetection();
    await Promise.all([import('@deepgram/sdk'), import('groq-sdk'), import('elevenlabs')]);
  });
  after(() => assets.close());

  const outlive = inParallel(TRIALS, { atATime: 4, within: ALL_OF_THEM }, async (trial) => {
    const phrases = await phrasesOf(PHRASES[trial.language!]!);
    const phraseBook = forgivingPhraseBook(phrases);
    const call = await openSpokenCall(server(), assets, { phraseBook, ...trial });
    try {
      await trial.happens(call, phrases);
    } finally {
      await call.close();
    }
  });
  for (const trial of TRIALS) it(`should ${trial.what}`, () => outlive(trial));
});
