import { type CallService, openCall } from '../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../demo/participants/joinRoom.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import type { Phrase } from '../demo/providers/phrases/loadPhrases.js';
import { bringBot } from '../spec/support/bringBot.js';
import { botsIn } from '../spec/support/botsIn.js';
import { type MusicEar, openMusicEar } from './musicEar.js';
import { publishScreenSound } from './screenSound.js';
import { type Talk, talk } from './transcriptionTalk.js';

/** What is heard on hold, in Hz, and what is not to be. */
export const HANDED_TONES = { music: 1_500, colleague: 400 } as const;

const DEADLINE_MS = 60_000;

/**
 * A call whose caller is on hold, while a colleague, whose screen may sound, talks without end and
 * is transcribed.
 */
export interface HandedCall {
  readonly room: string;
  readonly ear: MusicEar;
  readonly talk: Talk;
  /** Identities of the bots that are in the room now. */
  bots(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Opens a call, and resolves when the music is heard and the colleague has begun to talk.
 *
 * @param sounds whether the colleague's screen does: that is what a leak is measured by.
 */
export async function openHandedCall(
  server: ServerAccess,
  room: string,
  music: string,
  phrases: readonly Phrase[],
  sounds: boolean,
): Promise<HandedCall> {
  const service = await openCall(server, { room, dispatch: false });
  const caller = await joinRoom(server, { room, identity: 'caller', kind: 'sip' });
  await hold(service, caller, music);
  const colleague = { room, identity: 'colleague' };
  const talking = await talk(server, colleague, phrases);
  if (sounds) await publishScreenSound(talking.room, HANDED_TONES.colleague);
  const ear = openMusicEar(caller, HANDED_TONES.music, HANDED_TONES.colleague);
  return {
    room,
    ear,
    talk: talking,
    bots: () => botsIn(service),
    close: async () => {
      ear.close();
      await talking.end();
      await caller.leave();
      await service.close();
    },
  };
}

async function hold(service: CallService, caller: DemoParticipant, url: string): Promise<void> {
  const bot = await bringBot(service, '{"stt":{"enabled":true,"language":"en"}}');
  await service.play('caller', { url, loop: true });
  await service.attributes('caller', (map) => map['media.held'] === 'true', DEADLINE_MS);
  await caller.waitForTone(HANDED_TONES.music, { within: DEADLINE_MS, from: bot });
  await service.attributes(bot, (map) => map['stt.status'] === 'running', DEADLINE_MS);
}
