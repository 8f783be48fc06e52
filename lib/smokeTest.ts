import { randomUUID } from 'node:crypto';
import { RoomAgentDispatch } from 'livekit-server-sdk';
import {
  defer,
  filter,
  firstValueFrom,
  map,
  merge,
  mergeAll,
  mergeMap,
  repeat,
  throwError,
  timeout,
} from 'rxjs';
import type { Milliseconds } from '../operators/types.js';
import { fromSignals } from '../streams/fromSignals.js';
import { roomBots } from '../streams/roomBots.js';
import type { Settings } from './config.js';
import { createLogger } from './logger.js';
import { createRoomService } from './roomService.js';
import { settingsOrExit } from './settingsOrExit.js';

// Whether this deployment takes calls, from outside: dispatches the agent into a room of its own,
// sees a bot appear in it and removes the room. Reads the settings of the worker that it tests.
//
//   node dist/lib/smokeTest.js [SECONDS]     how long it waits for the bot; 30 when missing
//
// Exit codes: 0 a bot came, 1 none did, 78 settings.

const API_TIMEOUT_SECONDS = 5;
const BETWEEN_LOOKS: Milliseconds = 250;
const BOT_IDENTITY = /^media-bot-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Should this process be killed: seconds after which the server closes the room by itself. */
const EMPTY_ROOM_SECONDS = 60;

/** Resolves with the identity of the bot that comes; rejects in words when none does. */
function botIn(
  room: string,
  { livekit, agentName }: Settings,
  patience: number,
): Promise<string | undefined> {
  const rooms = createRoomService(livekit, API_TIMEOUT_SECONDS);
  const agents = [new RoomAgentDispatch({ agentName })];
  const opened$ = defer(() =>
    rooms.createRoom({ name: room, agents, emptyTimeout: EMPTY_ROOM_SECONDS }),
  );
  const nobody = `no bot within ${patience} s: is a worker registered as ${agentName}, with room?`;
  const bot$ = roomBots(rooms, room, agentName).pipe(
    repeat({ delay: BETWEEN_LOOKS }),
    mergeAll(),
    filter((identity) => BOT_IDENTITY.test(identity)),
    timeout({ first: patience * 1000, with: () => throwError(() => new Error(nobody)) }),
  );
  const interrupted$ = fromSignals('SIGTERM', 'SIGINT').pipe(
    map((signal) => {
      throw new Error(`interrupted by ${signal}`);
    }),
  );
  const found$ = opened$.pipe(mergeMap(() => bot$));
  return firstValueFrom(merge(found$, interrupted$), { defaultValue: undefined });
}

/** Says how it went and returns the exit code. */
async function test(settings: Settings, patience: number): Promise<number> {
  // Not plain text: LiveKit shows refused tokens in its answers, and the logger takes them out.
  const logger = createLogger('info', { process: 'smoke-test' });
  const room = `media-bot-smoke-test-${randomUUID()}`;
  const { livekit, agentName } = settings;
  logger.info('dispatching a bot', { agentName, room, url: livekit.url });
  try {
    const identity = await botIn(room, settings, patience);
    logger.info('passed: the bot is there', { bot: identity });
    return 0;
  } catch (error) {
    logger.error('failed', { error });
    return 1;
  } finally {
    await createRoomService(livekit, API_TIMEOUT_SECONDS)
      .deleteRoom(room)
      .then(
        () => logger.info('the room is removed'),
        (error: unknown) => logger.error('the room could not be removed', { error }),
      );
  }
}

process.exitCode = await test(settingsOrExit(), Number(process.argv[2] ?? 30));
