import { expect } from 'chai';
import { filter, type Observable } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { ReceivedTranscript } from '../../demo/participants/transcripts.js';
import type { Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { loadVoiceDetection } from '../../lib/engines/vad.js';
import type { SttProvider } from '../../operators/types.js';
import { forgivingPhraseBook } from './forgivingPhraseBook.js';
import { inParallel } from './inParallel.js';
import { phrasesOf } from './phrasesOf.js';
import { SOON } from './scene.js';
import type { SpeechProviders } from './speechProviders.js';
import { openSpokenCall, type SpokenCall, type SpokenCallRequest } from './spokenCall.js';
import { useLiveKitServer } from './useLiveKitServer.js';

/** Something that goes wrong with a provider. */
export interface SpeechFault extends Pick<SpokenCallRequest, 'habits' | 'language'> {
  /** As the end of a title: `should …  where the provider …`. */
  readonly what: string;
  /** Has it go wrong; the first utterance that the provider is asked about meets it. */
  readonly strike: (providers: SpeechProviders) => unknown;
  /** Who gives the text of that utterance in the end. */
  readonly servedBy: SttProvider;
  /** From the end of that utterance to its text, at most: milliseconds. */
  readonly within: number;
  /** The same for somebody who speaks meanwhile, where the fault is not that of one request alone. */
  readonly othersWithin?: number;
  /** Requests to the provider and to Groq, at most, until both have their text. */
  readonly requests: readonly [number, number];
}

/** How people talk to a provider. */
export interface SpeechFaultStage {
  readonly provider: SttProvider;
  /** Its own request. */
  readonly call: Pick<SpokenCallRequest, 'language' | 'env'>;
  /** Files of phrases: what meets the fault, what somebody else says meanwhile, what is said after. */
  readonly phrases: readonly [met: string, meanwhile: string, after: string];
  /** Whether the provider listens while somebody speaks. */
  readonly isStreaming: boolean;
}

const MUSIC = 1_500;
/** Less than any deadline: nobody waits for what befell somebody else. */
const UNDISTURBED = 4_000;
const AT_A_TIME = 4;
const ALL_OF_THEM = 240_000;

/** What a call has to outlive, whatever its provider does. */
export function describeSpeechFaults(
  title: string,
  stage: SpeechFaultStage,
  faults: readonly SpeechFault[],
): void {
  describe(`a call: transcription where ${title} fails`, function () {
    this.timeout(ALL_OF_THEM);
    const server = useLiveKitServer();
    let assets: AssetServer;
    let phrases: readonly Phrase[];
    before(async () => {
      assets = await startAssetServer({
        music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
      });
      phrases = await phrasesOf(stage.phrases);
      // The process stands still meanwhile, which is not what the times below are about.
      await loadVoiceDetection();
      await Promise.all([import('@deepgram/sdk'), import('groq-sdk'), import('elevenlabs')]);
    });
    after(() => assets.close());

    const outlive = inParallel(
      faults,
      { atATime: AT_A_TIME, within: ALL_OF_THEM },
      async (fault) => {
        const phraseBook = forgivingPhraseBook(phrases);
        const call = await openSpokenCall(server(), assets, {
          phraseBook,
          ...stage.call,
          ...fault,
        });
        try {
          await meet(call, fault, phrases, stage);
          await goOn(call, assets.urlOf('music'), phrases);
        } finally {
          await call.close();
        }
      },
    );
    for (const fault of faults) {
      it(`should publish everything once where it ${fault.what}`, () => outlive(fault));
    }
  });
}

async function meet(
  { caller, colleague, providers }: SpokenCall,
  fault: SpeechFault,
  [met, meanwhile]: readonly Phrase[],
  { provider, isStreaming }: SpeechFaultStage,
): Promise<void> {
  const own = providers[provider];
  fault.strike(providers);
  const asked = beingAsked(own.open).catch(() => undefined);
  const said = caller.say(met!);
  // The fault is for whoever asks first: while somebody speaks, or when they have spoken.
  if (isStreaming) await Promise.race([asked, said]);
  await Promise.all([said, colleague.say(meanwhile!)]);
  const within = fault.within + SOON;
  const text = await caller.published(met!.text, within);
  const other = await colleague.published(meanwhile!.text, within);
  expect(text.packet.provider).to.equal(fault.servedBy);
  expect(delayOf(text), 'ms to the text').to.be.below(fault.within);
  const { othersWithin = UNDISTURBED } = fault;
  expect(delayOf(other), "ms to somebody else's text").to.be.below(othersWithin);
  expect(own.requests(), 'requests').to.be.at.most(fault.requests[0]);
  expect(providers.groq.requests(), 'requests to Groq').to.be.at.most(fault.requests[1]);
}

/** The call is what it was before: people are understood, and commands obeyed. */
async function goOn(
  { caller, colleague, scene, lostSeconds }: SpokenCall,
  url: string,
  [met, meanwhile, after]: readonly Phrase[],
): Promise<void> {
  await scene.service.play('caller', { url, onEnd: 'keep' });
  await caller.waitForTone(MUSIC, { within: SOON });
  await caller.say(after!);
  await caller.published(after!.text, SOON);
  expect(caller.texts()).to.deep.equal([met!.text, after!.text]);
  expect(colleague.texts()).to.deep.equal([meanwhile!.text]);
  expect(await lostSeconds(), 'seconds lost').to.equal(0);
}

/** From the end of the speech, as the bot has heard it, to its text. */
const delayOf = ({ at, packet }: ReceivedTranscript) => at - packet.end_ms;

const beingAsked = (open: Observable<number>) =>
  firstWithin(open.pipe(filter((count) => count > 0)), SOON, 'a request');
