import type { CallService } from '../../demo/callService.js';
import type { Milliseconds } from '../../operators/types.js';

/** A machine that is busy with others is full for a moment, and LiveKit has no queue. */
const AGAIN_AFTER: Milliseconds = 5_000;
const ATTEMPTS = 12;

/** Dispatches a bot until one is there, as a Call Service does; resolves with its identity. */
export async function bringBot(service: CallService, metadata = ''): Promise<string> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    await service.dispatchBot(metadata);
    const bot = await service.botJoined(AGAIN_AFTER).catch(() => undefined);
    if (bot !== undefined) return bot;
  }
  throw new Error(`no bot after ${ATTEMPTS} dispatches`);
}
