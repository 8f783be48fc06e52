import { setTimeout as sleep } from 'node:timers/promises';

import type { AssetServer } from '../demo/assetServer.js';
import { now } from '../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom, type Subscribing } from '../demo/participants/joinRoom.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import type { LiveKitServer } from '../demo/livekitServer.js';
import { carriesTone } from '../demo/toneRecognizer.js';
import { openScene, type Scene } from '../spec/support/scene.js';
import type { RunningCall } from '../spec/support/startCall.js';

/** What everybody whistles, in Hz. */
export const TONES = { caller: 330, agent: 440, colleague: 660, joiner: 770 } as const;

const DEADLINE_MS = 10_000;
const WINDOW_MS = 20;
/** A tone that makes up this share of a window is heard in it. */
const SHARE = 0.1;
const STUCK_MS = 3_000;
/** For the subscriptions of those who have just joined. */
const SETTLED_MS = 1_500;

/** A call with a bot in it: a caller who can be put on hold, an agent who talks on, a colleague. */
export interface IsolationCall {
  readonly scene: Scene;
  readonly bot: RunningCall;
  readonly caller: DemoParticipant;
  readonly agent: DemoParticipant;
  readonly colleague: DemoParticipant;
  /** Puts the caller on hold, and waits until the music plays. */
  hold(): Promise<void>;
  /** Ends the hold, and resolves with the milliseconds until the agent is heard again. */
  unhold(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a call on a server; the agent whistles from the start. */
export async function openIsolationCall(
  server: LiveKitServer,
  assets: AssetServer,
  subscribing: Subscribing,
  env: Readonly<Record<string, string>> = {},
): Promise<IsolationCall> {
  const scene = await openScene(server, assets);
  const { service } = scene;
  const caller = await joinCaller(server, service.room, subscribing);
  const agent = await scene.join('agent', { kind: 'agent' });
  await agent.speak(TONES.agent);
  const colleague = await scene.join('colleague', { kind: 'standard' });
  const bot = await scene.startBot({ env });
  await caller.waitForTone(TONES.agent, { within: DEADLINE_MS });
  await sleep(SETTLED_MS);
  return {
    scene,
    bot,
    caller,
    agent,
    colleague,
    hold: async () => {
      const id = await service.play('caller', { url: assets.urlOf('hold'), loop: true });
      await service.answer('caller', id, DEADLINE_MS, 'playing');
    },
    unhold: async () => {
      const since = now();
      await service.stop('caller');
      const { at } = await caller.waitForTone(TONES.agent, { within: DEADLINE_MS, since }, SHARE);
      return at - since;
    },
    close: async () => {
      // rtc-node's own disconnect may never end after a resume that came early.
      await Promise.race([caller.leave(), sleep(STUCK_MS)]);
      await Promise.race([scene.close(), sleep(STUCK_MS)]);
    },
  };
}

async function joinCaller(server: ServerAccess, room: string, subscribing: Subscribing) {
  const caller = await joinRoom(server, { room, identity: 'caller', kind: 'sip' }, subscribing);
  await caller.speak(TONES.caller);
  return caller;
}

/** Milliseconds for which somebody has heard a tone since then. */
export function heardMs(ear: DemoParticipant, hz: number, since: number): number {
  return WINDOW_MS * windowsWith(ear, hz, since).length;
}

/** Milliseconds from then to the last time at which somebody heard a tone; 0 if they did not. */
export function lastHeardMs(ear: DemoParticipant, hz: number, since: number): number {
  return (windowsWith(ear, hz, since).at(-1)?.at ?? since) - since;
}

function windowsWith(ear: DemoParticipant, hz: number, since: number) {
  return ear.heardSince(since).filter(({ samples }) => carriesTone(samples, hz, SHARE));
}
