import { setTimeout as sleep } from 'node:timers/promises';

import { filter } from 'rxjs';

import { type Cast, DEADLINE_MS } from './cast.js';
import { firstWithin } from './firstWithin.js';
import { now } from './participants/heardWindows.js';
import type { DemoParticipant } from './participants/joinRoom.js';
import type { ReceivedTranscript } from './participants/transcripts.js';

/** Nobody speaks in the very moment in which somebody begins to listen. */
const BREATH_MS = 500;

/** A language, who is to transcribe it, and what the caller and the colleague say at once. */
const TALKS = [
  { language: 'en', provider: 'deepgram', said: ['en-cancel', 'en-thanks'] },
  { language: 'ar-SA', provider: 'elevenlabs', said: ['ar-waiting', 'ar-thanks'] },
  { language: 'fr-CA', provider: 'groq', said: ['fr-invoice', 'fr-thanks'] },
] as const;

type Talk = (typeof TALKS)[number];

/** Two people talk at once, in one language after the other, and everybody reads it. */
export async function talkScene(cast: Cast, bot: string): Promise<void> {
  await Promise.all([cast.caller.speak(0), cast.colleague.speak(0)]);
  for (const talk of TALKS) await talkIn(cast, bot, talk);
  const { timeline, call } = cast;
  const id = await call.transcribe(bot, { enabled: false });
  const answer = await call.transcribeAnswer(bot, id, DEADLINE_MS);
  const status = answer['stt.status'] ?? 'nothing';
  timeline.expect('bot', `answers ${status}: transcribes no more`, status === 'stopped');
}

async function talkIn(cast: Cast, bot: string, talk: Talk): Promise<void> {
  const { timeline, call, caller, colleague } = cast;
  const { language, provider, said } = talk;
  const id = await call.transcribe(bot, { enabled: true, language });
  timeline.say('call service', `transcribe ${language}`);
  const answer = await call.transcribeAnswer(bot, id, DEADLINE_MS);
  const words = `${answer['stt.status'] ?? 'nothing'}, by ${answer['stt.provider'] ?? 'nobody'}`;
  timeline.expect('bot', `answers ${words}`, words === `running, by ${provider}`);
  await sleep(BREATH_MS);
  timeline.say('caller', 'and colleague speak at once');
  await Promise.all([
    speakAndRead(cast, caller, said[0], talk),
    speakAndRead(cast, colleague, said[1], talk),
  ]);
}

/** Where the provider is a stand-in, every word is expected; of a real one, some text is. */
async function speakAndRead(
  { timeline, speech, agent, colleague }: Cast,
  speaker: DemoParticipant,
  name: string,
  { provider }: Talk,
): Promise<void> {
  const phrase = speech.phrase(name);
  const since = now();
  await speaker.say(phrase);
  const isTheirs = ({ at, packet }: ReceivedTranscript) =>
    at > since && packet.participant.identity === speaker.identity;
  const what = `words of ${speaker.identity}`;
  const theirs = agent.transcripts.pipe(filter(isTheirs));
  const received = await firstWithin(theirs, DEADLINE_MS, what);
  const { text } = received.packet;
  const met = speech.standIns.has(provider) ? text === phrase.text : text.trim() !== '';
  timeline.expect('agent', inWords(received), met && received.packet.provider === provider);
  const captions = colleague.captions.pipe(
    filter(({ attributes }) => attributes['lk.segment_id'] === received.packet.id),
  );
  const caption = await firstWithin(captions, DEADLINE_MS, `caption of the ${what}`);
  const isSame = caption.text === text && caption.from === speaker.identity;
  timeline.expect('colleague', `has it as a caption of ${caption.from}`, isSame);
}

function inWords({ at, packet }: ReceivedTranscript): string {
  const { participant, text, provider, model, sentiment, end_ms } = packet;
  const feeling = sentiment.supported
    ? `${sentiment.label} ${sentiment.compound.toFixed(2)}`
    : `sentiment ${sentiment.label}`;
  const after = `${Math.round(at - end_ms)} ms after the last word`;
  return `reads ${participant.identity}: "${text}" (${provider} ${model}, ${feeling}, ${after})`;
}
