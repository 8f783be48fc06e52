import type { Asset, AssetServer } from '../../demo/assetServer.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { MUSIC, NEXT, PARTS } from './holdSounds.js';
import { forgivingPhraseBook } from './forgivingPhraseBook.js';
import { type SpeechProviders, startSpeechProviders } from './speechProviders.js';
import { useScene } from './useScene.js';
import { openWatchedCall, type WatchedCall } from './watchedCall.js';
import { createWorkers, type Workers } from './workers.js';

/** Of each part of the announcement. */
const PART_MS = 1_500;
/** Before the first byte: longer than a handover takes. */
const SLOW_MS = 3_000;

/** Recognition takes as long as there are phrases. */
const isSaid = (file: string) => /^en-|^fr-cancel/.test(file);

/** What the specs of a `describe` need to have calls handed from one worker to the next. */
export interface Relay {
  /** The phrase in the file of this name: an English one, or `fr-cancel`. */
  readonly phrase: (name: string) => Phrase;
  /** Starts a worker. */
  readonly startWorker: Workers['start'];
  /** Opens a call with a bot of the worker that has room. */
  readonly openCall: () => Promise<WatchedCall>;
  /** The same, with its caller on hold. */
  readonly openHeldCall: () => Promise<WatchedCall>;
  readonly assets: () => AssetServer;
  /** Address of `music`, `next`, `announcement`, or of the same with `slow` before it. */
  readonly url: (asset: string) => string;
}

/** Runs servers around the specs of the enclosing `describe`, and ends all that a spec has begun. */
export function useRelay(): Relay {
  const stage = useScene(shelf);
  let phrases: readonly Phrase[];
  let providers: SpeechProviders;
  let workers: Workers;
  let calls: WatchedCall[];
  before(async () => {
    phrases = (await loadPhrases()).filter(({ file }) => isSaid(file));
  });
  beforeEach(async () => {
    calls = [];
    providers = await startSpeechProviders(forgivingPhraseBook(phrases));
    const env = { ...providers.env, MEDIA_BOT_ASSET_ORIGINS: stage.assets().origin };
    workers = createWorkers(stage.server(), env);
  });
  afterEach(async () => {
    await workers.killAll();
    await Promise.all(calls.map(({ scene }) => scene.close()));
    await providers.close();
  });
  const url = (asset: string) => stage.assets().urlOf(asset);
  const openCall = async () => {
    const call = await openWatchedCall(stage.server(), stage.assets());
    calls.push(call);
    return call;
  };
  return {
    phrase: (name) => phrases.find(({ file }) => file === `${name}.wav`)!,
    startWorker: (env) => workers.start(env),
    openCall,
    openHeldCall: async () => {
      const call = await openCall();
      await call.hold(url('music'), MUSIC);
      return call;
    },
    assets: stage.assets,
    url,
  };
}

async function shelf(): Promise<Readonly<Record<string, Asset>>> {
  const music = await toneMp3([{ hz: MUSIC, ms: 3_000 }]);
  const announcement = await toneMp3(PARTS.map((hz) => ({ hz, ms: PART_MS })));
  return {
    music: { body: music },
    next: { body: await toneMp3([{ hz: NEXT, ms: 3_000 }]) },
    announcement: { body: announcement },
    'slow music': { body: music, delayMs: SLOW_MS },
    'slow announcement': { body: announcement, delayMs: SLOW_MS },
  };
}
