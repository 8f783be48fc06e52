import { type CallService, openCall } from '../demo/callService.js';
import type { ServerAccess } from '../demo/participants/mintToken.js';
import type { Phrase } from '../demo/providers/phrases/loadPhrases.js';

/** A dispatch that finds the worker too busy at that moment is lost, and has to be made again. */
const ATTEMPTS = 12;
const PATIENCE_MS = 5_000;

/** Opens a room and has the worker join it, told by the dispatch to transcribe or not. */
export async function openTranscribedCall(
  server: ServerAccess,
  room: string,
  language: string | undefined,
): Promise<CallService> {
  const stt = language === undefined ? undefined : { enabled: true, language };
  const metadata = JSON.stringify({ stt });
  const call = await openCall(server, { room, dispatch: false });
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const dispatched = call.dispatchBot(metadata).then(() => call.botJoined(PATIENCE_MS));
    const bot = await dispatched.catch(() => undefined);
    if (bot !== undefined) return call;
  }
  throw new Error(`the worker takes no call in ${room}: the machine is too busy`);
}

/** A phrase with silence behind it, so long that what follows is another utterance. */
export function withPause(phrase: Phrase, pauseMs: number): Phrase {
  const { samples, sampleRate } = phrase;
  const padded = new Int16Array(samples.length + (pauseMs * sampleRate) / 1_000);
  padded.set(samples);
  return { ...phrase, samples: padded };
}
