import { RoomEvent } from '@livekit/rtc-node';
import { filter, fromEvent, map, merge, of } from 'rxjs';
import type { AssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { LiveKitServer } from '../../demo/livekitServer.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { TranscriptPacket } from '../../demo/participants/transcripts.js';
import { openScene, type Scene, SOON } from './scene.js';
import { seenSoFar } from './seenSoFar.js';
import {
  type ProviderHabits,
  type SpeechProviders,
  startSpeechProviders,
} from './speechProviders.js';
import type { RunningCall } from './startCall.js';

/** What differs from one transcribed call to another. */
export interface SpokenCallRequest {
  /** BCP 47; to be detected when missing. */
  readonly language?: string;
  /** Environment variables of the bot. */
  readonly env?: Readonly<Record<string, string>>;
  readonly habits?: ProviderHabits;
}

/** A call of two people, who are transcribed, with speech providers of its own. */
export interface SpokenCall {
  readonly scene: Scene;
  readonly providers: SpeechProviders;
  readonly caller: DemoParticipant;
  readonly colleague: DemoParticipant;
  readonly bot: RunningCall;
  /** What has been published so far of what somebody said. */
  readonly published: (speaker: DemoParticipant) => readonly TranscriptPacket[];
  /** Resolves with when this text of theirs was published, in epoch milliseconds as of `now()`. */
  readonly publishedAt: (
    speaker: DemoParticipant,
    text: string,
    within: number,
  ) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Opens a call, and waits until both people are listened to. */
export async function openSpokenCall(
  server: LiveKitServer,
  assets: AssetServer,
  { language, env, habits }: SpokenCallRequest,
): Promise<SpokenCall> {
  const scene = await openScene(server, assets);
  const providers = await startSpeechProviders(habits);
  const [caller, colleague] = await Promise.all([
    scene.join('caller'),
    scene.join('colleague', { kind: 'standard', grants: { canSubscribe: false } }),
  ]);
  await Promise.all([caller.speak(0), colleague.speak(0)]);
  const metadata = JSON.stringify({ stt: { enabled: true, language } });
  const bot = await scene.startBot({ metadata, env: { ...providers.env, ...env } });
  await listeningTo(bot, 2);
  const of = (speaker: DemoParticipant) =>
    colleague.transcripts.pipe(
      filter(({ packet }) => packet.participant.identity === speaker.identity),
    );
  return {
    scene,
    providers,
    caller,
    colleague,
    bot,
    published: (speaker) => seenSoFar(of(speaker)).map(({ packet }) => packet),
    publishedAt: (speaker, text, within) => {
      const its = of(speaker).pipe(filter(({ packet }) => packet.text === text));
      return firstWithin(its.pipe(map(({ at }) => at)), within, `"${text}"`);
    },
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

/** Seconds of speech that will never be a transcript, as the bot has counted them. */
export async function lostSeconds({ metrics }: RunningCall): Promise<number> {
  const all = await metrics.snapshot();
  const lost = all.find(({ name }) => name === 'media_bot_transcription_lost_seconds_total');
  return lost!.values[0]?.value ?? 0;
}
