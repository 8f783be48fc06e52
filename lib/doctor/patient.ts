import type { Milliseconds } from '../../operators/types.js';
import type { Settings } from '../config.js';

/** What is looked at. */
export interface Patient {
  /** As it was given: `ws`, `wss`, `http` or `https`. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly agentName: string;
  /** The settings of the bot, or what is wrong with them, one line each. */
  readonly settings: Settings | readonly string[];
  /** How long to wait for the bot to come. */
  readonly within: Milliseconds;
}

/** A room of a check's own. */
export const roomOf = (check: string, id: string): string => `media-bot-doctor-${check}-${id}`;

/** The settings, where they are usable. */
export function settingsOf({ settings }: Patient): Settings | undefined {
  return 'livekit' in settings ? settings : undefined;
}
