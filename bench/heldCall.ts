import { randomUUID } from 'node:crypto';

import { type CallService, openCall } from '../demo/callService.js';
import { type HeardWindow, now } from '../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../demo/participants/joinRoom.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import { carriesTone } from '../demo/toneRecognizer.js';
import { bringBot } from '../spec/support/bringBot.js';

/** What is heard, in Hz: the music, and whom nobody on hold shall hear. */
export const HELD_TONES = { music: 1_500, colleague: 400 } as const;

const DEADLINE_MS = 60_000;
/** Before the blow: the gap begins with a window of music. */
const BEFORE_MS = 200;

/** A call with transcription: a caller on hold, and a colleague who whistles all the time. */
export interface HeldCall {
  readonly service: CallService;
  readonly caller: DemoParticipant;
  /** Identity of the bot. */
  readonly bot: string;
  close(): Promise<void>;
}

/** Opens a call, and resolves when the caller hears the music. */
export async function openHeldCall(server: ServerAccess, music: string): Promise<HeldCall> {
  const room = `held-${randomUUID()}`;
  const metadata = JSON.stringify({ stt: { enabled: true, language: 'en' } });
  const service = await openCall(server, { room, dispatch: false });
  const caller = await joinRoom(server, { room, identity: 'caller', kind: 'sip' });
  const colleague = await joinRoom(server, { room, identity: 'colleague' });
  await colleague.speak(HELD_TONES.colleague);
  const bot = await bringBot(service, metadata);
  await service.play('caller', { url: music, loop: true });
  await service.attributes('caller', (map) => map['media.held'] === 'true', DEADLINE_MS);
  await caller.waitForTone(HELD_TONES.music, { within: DEADLINE_MS, from: bot });
  return {
    service,
    caller,
    bot,
    close: async () => {
      await Promise.all([caller.leave(), colleague.leave()]);
      await service.close();
    },
  };
}

/** The longest time without music that a caller has had since shortly before then, until now. */
export function longestPause(caller: DemoParticipant, since: number): number {
  const isMusic = ({ samples }: HeardWindow) => carriesTone(samples, HELD_TONES.music);
  const heard = caller.heardSince(since - BEFORE_MS).filter(isMusic);
  const times = [...heard.map(({ at }) => at), now()].toSorted((a, b) => a - b);
  return Math.max(...times.slice(1).map((at, index) => at - times[index]!));
}
