import { expect } from 'chai';
import { filter, type Observable } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { loadVoiceDetection } from '../../lib/engines/vad.js';
import type { SttProvider } from '../../operators/types.js';
import { inParallel } from './inParallel.js';
import { SOON } from './scene.js';
import { lostSeconds, openSpokenCall, type SpokenCall, type SpokenCallRequest } from './spokenCall.js';
import type { SpeechProviders } from './speechProviders.js';
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
  /** Requests to the provider and, where another, to Groq, until both have their text. */
  readonly requests: readonly [number, number];
}

/** How people talk to a provider. */
export interface SpeechFaultStage {
  readonly provider: SttProvider;
  /** Its own request. */
  readonly call: SpokenCallRequest;
  /** Files of phrases: what meets the fault, what somebody else says meanwhile, what is said after. */
  readonly phrases: readonly [met: string, meanwhile: string, after: string];
  /** Whether the provider listens while somebody speaks. */
  readonly isStreaming: boolean;
}

const MUSIC = 1_500;
/** VAD's pause of 400 ms, a request, and a machine that carries ten calls and all their people. */
const UNDISTURBED = 2_000;
const AT_A_TIME = Number(process.env.N ?? 5);
const ALL_OF_THEM = 120_000;
/** By how much the times of a transcript may be wrong. */
const TIMING = 300;

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
      assets = await startAssetServer({ music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) } });
      phrases = await loadPhrases();
      // The process stands still meanwhile, which is not what the times below are about.
      await loadVoiceDetection();
    });
    after(() => assets.close());

    const outlive = inParallel(
      faults.filter((f) => new RegExp(process.env.F ?? "").test(f.what)),
      { atATime: AT_A_TIME, within: ALL_OF_THEM },
      async (fault) => {
        const call = await openSpokenCall(server(), assets, { ...stage.call, ...fault });
        try {
          await meet(call, fault);
          await goOn(call);
        } finally {
          await call.close();
        }
      },
    );
    for (const fault of faults.filter((f) => new RegExp(process.env.F ?? "").test(f.what))) {
      it(`should publish everything once where it ${fault.what}`, () => outlive(fault));
    }

    const phrase = (n: 0 | 1 | 2) => phrases.find(({ file }) => file === stage.phrases[n])!;

    async function meet(call: SpokenCall, fault: SpeechFault): Promise<void> {
      const { caller, colleague, providers } = call;
      fault.strike(providers);
      const asked = beingAsked(providers[stage.provider].open).catch(() => undefined);
      const said = caller.say(phrase(0));
      if (stage.isStreaming) await Promise.race([asked, said]);
      const meanwhile = colleague.say(phrase(1));
      const [{ startMs, endMs }, other] = await Promise.all([said, meanwhile]);
      const within = fault.within + SOON;
      const at = await call.publishedAt(caller, phrase(0).text, within);
      const otherAt = await call.publishedAt(colleague, phrase(1).text, SOON);
      const [packet] = call.published(caller);
      console.log(stage.provider, '|', fault.what, '|', packet!.provider, call.published(colleague)[0]!.provider, 'ms', (at-endMs).toFixed(0), (otherAt-other.endMs).toFixed(0), 'req', providers[stage.provider].requests(), providers.groq.requests(), 'timing', (packet!.start_ms-startMs).toFixed(0), (packet!.end_ms-endMs).toFixed(0));
      expect(packet!.provider).to.equal(fault.servedBy);
      expect(at - endMs, 'ms to the text').to.be.below(fault.within);
      expect(otherAt - other.endMs, "ms to somebody else's text").to.be.below(UNDISTURBED);
      expect([providers[stage.provider].requests(), providers.groq.requests()]).to.deep.equal(
        fault.requests,
      );
      expect(packet!.start_ms, 'its beginning').to.be.closeTo(startMs, TIMING);
      expect(packet!.end_ms, 'its end').to.be.closeTo(endMs, TIMING);
    }

    /** The call is what it was before: both people are understood, and commands obeyed. */
    async function goOn(call: SpokenCall): Promise<void> {
      const { caller, colleague, scene } = call;
      await scene.service.play('caller', { url: assets.urlOf('music'), loop: false, onEnd: 'keep' });
      await Promise.all([
        caller.waitForTone(MUSIC, { within: SOON }),
        caller.say(phrase(2)).then(() => call.publishedAt(caller, phrase(2).text, SOON)),
      ]);
      const texts = (speaker: typeof caller) => call.published(speaker).map(({ text }) => text);
      expect(texts(caller)).to.deep.equal([phrase(0).text, phrase(2).text]);
      expect(texts(colleague)).to.deep.equal([phrase(1).text]);
      expect(await lostSeconds(call.bot), 'seconds lost').to.equal(0);
    }
  });
}

const beingAsked = (open: Observable<number>) =>
  firstWithin(open.pipe(filter((count) => count > 0)), SOON, 'a request');
