// Writes to a file what people in a room say, and how it feels, until SIGTERM or the room's end:
//
//   LIVEKIT_URL=… LIVEKIT_API_KEY=… LIVEKIT_API_SECRET=… DEEPGRAM_API_KEY=… \
//     npx tsx demo/examples/minuteTaker.ts ROOM FILE [LANGUAGE, en]
//
// Elsewhere, with the package installed, `../../operators/index.js` is `livekit-media-bot/operators`,
// `../../lib/engines/…` is `livekit-media-bot/engines/…`, and `../../streams/…` likewise.

import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { ParticipantKind } from '@livekit/rtc-node';
import { catchError, concatMap, EMPTY, map, mergeMap, of, pipe, takeUntil, tap } from 'rxjs';
import { createScoreSentiment } from '../../lib/engines/sentiment.js';
import { createDetectSpeech } from '../../lib/engines/vad.js';
import { sttByLanguage, vadChunk, withSentiment } from '../../operators/index.js';
import { fromAudioTrack } from '../../streams/fromAudioTrack.js';
import { fromSubscribedTracks } from '../../streams/fromSubscribedTracks.js';
import { createDeepgram } from '../../streams/stt/deepgram.js';
import { workInRoom } from './workInRoom.js';

const [roomName = 'call-1', file = 'minutes.txt', language = 'en'] = process.argv.slice(2);
const { DEEPGRAM_API_KEY: apiKey = '', DEEPGRAM_BASE_URL: baseUrl } = process.env;
const [detect, score] = [createDetectSpeech(), createScoreSentiment()];
const stt = createDeepgram({ apiKey, baseUrl });
const complain = (what: string) => (error: unknown) => console.error(what, error);

/** The minutes of one voice; its failures cost nobody else a word. */
const minutesOf = (speaker: string) =>
  pipe(
    vadChunk(detect, { createId: randomUUID }),
    sttByLanguage({
      route: () => stt,
      language: of(language),
      onFailure: complain('not understood'),
      onLost: complain('dropped, for too much was waiting'),
    }),
    withSentiment(score, complain('not scored')),
    map(({ startMs, text, sentiment }) => {
      const time = new Date(startMs).toISOString();
      return `${time} ${speaker}: ${text} (${sentiment.label})\n`;
    }),
    tap({ error: complain('voice lost') }),
    catchError(() => EMPTY),
  );

await workInRoom(roomName, 'minute-taker', (room, end$) => {
  const tracks$ = fromSubscribedTracks(room, ({ kind }) => kind !== ParticipantKind.AGENT);
  return tracks$.pipe(takeUntil(end$)).pipe(
    mergeMap(({ track, participant: { identity } }) => {
      console.log('listening to', identity);
      // What is being said at the end is still written: the voice ends then, not its minutes.
      const voice$ = fromAudioTrack(room, track, () => undefined).pipe(takeUntil(end$));
      return voice$.pipe(minutesOf(identity));
    }),
    concatMap((line) => appendFile(file, line)),
  );
});
