import { RoomEvent } from '@livekit/rtc-node';
import { filter, fromEvent, merge, of } from 'rxjs';
import type { AssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { LiveKitServer } from '../../demo/livekitServer.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { ReceivedTranscript } from '../../demo/participants/transcripts.js';
import type { PhraseBook } from '../../demo/providers/phraseBook.js';
import { type PatientVoice, publishVoice } from './patientVoice.js';
import { openScene, type Scene, SOON } from './scene.js';
import { seenSoFar } from './seenSoFar.js';
import {
  type ProviderHabits,
  type SpeechProviders,
  startSpeechProviders,
} from './speechProviders.js';
import type { RunningCall, RunRequest } from './startCall.js';

/** What differs from one transcribed call to another. */
export interface SpokenCallRequest {
  readonly phraseBook: PhraseBook;
  /** BCP 47; to be detected when missing. */
  readonly language?: string;
  /** Environment variables of the bot. */
  readonly env?: RunRequest['env'];
  readonly habits?: ProviderHabits;
}

/** Somebody who is transcribed. */
export interface Speaker extends PatientVoice {
  /** The texts that have been published so far of what they said. */
  readonly texts: () => readonly string[];
  /** Resolves when a text of theirs is published, or at once if it has been. */
  readonly published: (text: string, within: number) => Promise<ReceivedTranscript>;
}

/** A call of two people, who are transcribed, with speech providers of its own. */
export interface SpokenCall {
  readonly scene: Scene;
  readonly providers: SpeechProviders;
  readonly bot: RunningCall;
  /** Hears what is played. */
  readonly caller: Speaker & Pick<DemoParticipant, 'waitForTone'>;
  readonly colleague: Speaker;
  /** Seconds of speech that will never be a transcript, as the bot has counted them. */
  readonly lostSeconds: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Opens a call, and waits until both people are listened to. */
export async function openSpokenCall(
  server: LiveKitServer,
  assets: AssetServer,
  { phraseBook, language, env, habits }: SpokenCallRequest,
): Promise<SpokenCall> {
  const scene = await openScene(server, assets);
  const providers = await startSpeechProviders(phraseBook, habits);
  const people = await Promise.all([
    scene.join('caller'),
    // To listen costs time, and texts are for the deaf, too.
    scene.join('colleague', { kind: 'standard', grants: { canSubscribe: false } }),
  ]);
  const voices = await Promise.all(people.map(publishVoice));
  const metadata = JSON.stringify({ stt: { enabled: true, language } });
  const bot = await scene.startBot({ metadata, env: { ...providers.env, ...env } });
  await listeningTo(bot, people.length);
  const [caller, colleague] = people;
  const transcriptsOf = ({ identity }: DemoParticipant) =>
    colleague.transcripts.pipe(filter(({ packet }) => packet.participant.identity === identity));
  const speaker = (n: 0 | 1): Speaker => ({
    ...voices[n]!,
    texts: () => seenSoFar(transcriptsOf(people[n])).map(({ packet }) => packet.text),
    published: (text, within) => {
      const its = transcriptsOf(people[n]).pipe(filter(({ packet }) => packet.text === text));
      return firstWithin(its, within, `"${text}"`);
    },
  });
  return {
    scene,
    providers,
    bot,
    caller: { ...speaker(0), waitForTone: (...listening) => caller.waitForTone(...listening) },
    colleague: speaker(1),
    lostSeconds: () => lostSeconds(bot),
    close: async () => {
      await scene.close();
      await providers.close();
    },
  };
}

/** Resolves when the bot hears so many people. */
async function listeningTo(bot: RunningCall, count: number): Promise<void> {
  const room = bot.room();
  const heard = () =>
    [...room.remoteParticipants.values()]
      .flatMap(({ trackPublications }) => [...trackPublications.values()])
      .filter(({ track }) => track !== undefined);
  const all = merge(of(undefined), fromEvent(room, RoomEvent.TrackSubscribed)).pipe(
    filter(() => heard().length === count),
  );
  await firstWithin(all, SOON, `the bot listens to ${count}`);
}

async function lostSeconds({ metrics }: RunningCall): Promise<number> {
  const all = await metrics.snapshot();
  const lost = all.find(({ name }) => name === 'media_bot_transcription_lost_seconds_total')!;
  return lost.values.reduce((sum, { value }) => sum + value, 0);
}
