import type { AssetServer } from './assetServer.js';
import type { CallService } from './callService.js';
import { concatSamples } from './concatSamples.js';
import { type HeardWindow, now } from './participants/heardWindows.js';
import type { DemoParticipant } from './participants/joinRoom.js';
import type { SpeechProviders } from './speechProviders.js';
import type { Timeline } from './timeline.js';
import { carriesTone, levelDbfs } from './toneRecognizer.js';

/** Everybody and everything that the scripted call needs. */
export interface Cast {
  readonly timeline: Timeline;
  readonly call: CallService;
  readonly assets: AssetServer;
  readonly speech: SpeechProviders;
  readonly caller: DemoParticipant;
  readonly agent: DemoParticipant;
  readonly colleague: DemoParticipant;
}

/** What the agent whistles all along, in Hz. */
export const AGENT_HZ = 1_000;
/** Nothing here takes that long; a wait that ends by this has failed. */
export const DEADLINE_MS = 15_000;

/** How long ago that was, in words. */
export function since(start: number): string {
  return `${Math.round(now() - start)} ms`;
}

/** How loud it was, in words. */
export function level(windows: readonly HeardWindow[]): string {
  return windows.length === 0 ? '' : ` at ${levelDbfs(join(windows)).toFixed(0)} dBFS`;
}

/** Windows as one stretch of samples. */
export function join(windows: readonly HeardWindow[]): Int16Array {
  return concatSamples(windows.map(({ samples }) => samples));
}

/** Whether a window carries this tone. */
export function hasTone(hz: number): (window: HeardWindow) => boolean {
  return ({ samples }) => carriesTone(samples, hz);
}

/** Stops what the bot plays to the caller, who hears that it did. */
export async function stopAndListen(cast: Cast, bot: string, what: string): Promise<void> {
  const { timeline, call, caller } = cast;
  const stopped = now();
  const id = await call.stop(caller.identity);
  timeline.say('call service', `stop: ${what}`);
  const listening = { from: bot, since: stopped, within: DEADLINE_MS };
  const lastSound = await caller.waitForSilence(listening);
  const after = `${Math.round(lastSound - stopped)} ms`;
  timeline.expect('caller', `hears silence from the bot ${after} after stop`, true);
  await call.answer(caller.identity, id, DEADLINE_MS, 'stopped');
  timeline.expect('bot', 'answers stopped', true);
}
