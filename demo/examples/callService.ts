// A call from beginning to end, as a Call Service commands it; CALLER is in the room:
//
//   LIVEKIT_URL=… LIVEKIT_API_KEY=… LIVEKIT_API_SECRET=… \
//     npx tsx demo/examples/callService.ts ROOM CALLER HOLD_MUSIC ANNOUNCEMENT
//
// Elsewhere, with the package installed, `../../lib/client/client.js` is `livekit-media-bot/client`.

import { ClientError, MediaBotClient } from '../../lib/client/client.js';

const [room = 'call-1', caller = 'caller', music = '', announcement = ''] = process.argv.slice(2);
const client = new MediaBotClient({ room, url: process.env.LIVEKIT_URL ?? '' });

const { bot } = await client.dispatch({ stt: { enabled: true, language: 'en' } });
console.log('bot', bot.startsWith('media-bot-'));

// Who only commands needs no watch; with one, answers come without being asked for.
const watch = await client.watch((event) => {
  if (event.type === 'transcript') console.log('said', event.transcript.text);
});
const { held } = await client.hold(caller, music);
console.log('hold', held);
console.log('unhold', (await client.unhold(caller)).status);

const played = await client.play(caller, { url: announcement, onEnd: 'keep' });
const end = await client.answer(caller, played.id, ({ status }) => status === 'ended');
console.log('announcement', end.status, end.error?.code);
console.log('stop', (await client.stop(caller)).status);

// What the bot refuses is an error with a code; so is whatever else goes wrong.
const failure = await client.hold(caller, '').catch((error: unknown) => error);
console.log('no music', failure instanceof ClientError && failure.answer?.error?.code);
console.log('in French', (await client.transcribe({ enabled: true, language: 'fr' })).provider);
console.log('silent', (await client.transcribe({ enabled: false })).status);
await watch.close();
process.exit();
