import { z } from 'zod';
import { isSttCommanded } from '../operators/isSttCommanded.js';
import { parseSttCommand } from '../operators/parseSttCommand.js';
import { readJsonObject } from '../operators/readJsonObject.js';
import type { Attributes, Milliseconds } from '../operators/types.js';
import type { LostBot } from './lostBot.js';

/** Bots that a call may lose in a row: it may be what kills their pods. */
const MOST_LOSSES = 3;
/** A bot that was there for so long was not killed by its call. */
const PROVEN: Milliseconds = 300_000;

/** What is read of the lost bot's dispatch; all else in it is passed on. */
const dispatched = z
  .looseObject({ lost_bots: z.array(z.string()).catch([]) })
  .catch({ lost_bots: [] });

/** What transcription was commanded to do by the bot's own attributes; undefined where by none. */
function commanded(attributes: Attributes): object | undefined {
  const command = parseSttCommand(attributes);
  if (!isSttCommanded(attributes) || command.verb === 'invalid') return undefined;
  return {
    enabled: command.verb === 'start',
    language: attributes['stt.language'],
    command_id: attributes['stt.command_id'],
  };
}

/**
 * The metadata of the dispatch that brings a lost bot's successor: that of the lost one's own, with
 * transcription as it was last (`stt`), and the bots that this call has lost in a row (`lost_bots`).
 *
 * @param metadata of the dispatch by which the lost bot came.
 * @returns undefined where the call has lost three in a row, each within five minutes.
 * @see contract, "Dispatch".
 */
export function successorMetadata(metadata: string, lost: LostBot): string | undefined {
  const original = dispatched.parse(readJsonObject(metadata));
  const before = lost.stay < PROVEN ? original.lost_bots : [];
  const lostBots = [...before, lost.identity];
  if (lostBots.length > MOST_LOSSES) return undefined;
  const stt = commanded(lost.attributes);
  // Undefined is left out, as JSON has it: whom the lost bot relieved is gone.
  return JSON.stringify({
    ...original,
    ...(stt && { stt }),
    handover_from: undefined,
    lost_bots: lostBots,
  });
}
