import { randomUUID } from 'node:crypto';
import type { AssetServer } from '../../demo/assetServer.js';
import { type CallService, openCall } from '../../demo/callService.js';
import type { LiveKitServer } from '../../demo/livekitServer.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import type { TokenRequest } from '../../demo/participants/mintToken.js';
import { type RunningCall, type RunRequest, startCall } from './startCall.js';
import { withPatience } from './withPatience.js';

/** One room with its people, its Call Service and, once asked for, its bot. */
export interface Scene {
  readonly service: CallService;
  /** Joins somebody; a SIP caller where nothing else is said. */
  readonly join: (identity: string, request?: Partial<TokenRequest>) => Promise<DemoParticipant>;
  /** Runs the bot in this process, and waits until it has joined. */
  readonly startBot: (request?: Partial<RunRequest>) => Promise<RunningCall>;
  /** Takes every bot of this process out of the room without any farewell. */
  readonly vanishBots: () => void;
  readonly close: () => Promise<void>;
}

/** Generous: a loaded machine joins a room in less. */
export const SOON = 20_000;

const isCaller = ({ kind = 'sip', grants }: Partial<TokenRequest> = {}): boolean =>
  (kind === 'sip' || kind === 'standard') && grants?.canPublish !== false;

/**
 * Opens a room of its own on a server. Assets of the asset server are reachable for the bot.
 *
 * @param microphones whether people publish one, silent, as they join: the server tells of those
 * who publish nothing seconds late, or later on a busy machine.
 */
export async function openScene(
  server: LiveKitServer,
  assets: AssetServer,
  microphones = false,
): Promise<Scene> {
  const room = `room-${randomUUID()}`;
  const service = await openCall(server, { room, dispatch: false });
  const people: DemoParticipant[] = [];
  const bots: RunningCall[] = [];
  const env = { MEDIA_BOT_ASSET_ORIGINS: assets.origin };
  return {
    service,
    join: async (identity, request) => {
      const person = await joinRoom(server, { room, identity, kind: 'sip', ...request });
      people.push(person);
      if (microphones && isCaller(request)) await person.speak(0);
      return person;
    },
    startBot: async (request = {}) => {
      const bot = await startCall(server, room, {
        ...request,
        env: { ...env, ...request.env },
      });
      bots.push(bot);
      await bot.joined(SOON);
      return bot;
    },
    vanishBots: () => bots.forEach((bot) => bot.vanish()),
    close: async () => {
      bots.forEach((bot) => bot.vanish());
      await Promise.all(people.map((person) => withPatience(person.leave())));
      await withPatience(service.close());
    },
  };
}
