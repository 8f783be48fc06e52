import { type RemoteTrackPublication, RoomEvent, TrackSource } from '@livekit/rtc-node';
import { filter, fromEvent, map, type Observable, scan, startWith } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { ReceivedTranscript } from '../../demo/participants/transcripts.js';
import { SOON } from './scene.js';
import type { RunningCall } from './startCall.js';

/** Resolves with what a stream has emitted as soon as that is so many values. */
export function firstOnes<T>(
  source: Observable<T>,
  count: number,
  within = SOON,
): Promise<readonly T[]> {
  const collected = source.pipe(
    scan<T, readonly T[]>((values, value) => [...values, value], []),
    filter(({ length }) => length === count),
  );
  return firstWithin(collected, within, `${count} of what was to come`);
}

/** Resolves with a speaker's first transcripts, so many of them, that somebody receives. */
export function heardOf(
  { transcripts }: DemoParticipant,
  speaker: string,
  count = 1,
  within = SOON,
): Promise<readonly ReceivedTranscript[]> {
  const theirs = transcripts.pipe(filter(({ packet }) => packet.participant.identity === speaker));
  return firstOnes(theirs, count, within);
}

/** The microphones that somebody publishes, as the bot's SDK sees them. */
export function microphonesOf(bot: RunningCall, identity: string): RemoteTrackPublication[] {
  const publications = bot.room().remoteParticipants.get(identity)?.trackPublications.values();
  return [...(publications ?? [])].filter(({ source }) => source === TrackSource.SOURCE_MICROPHONE);
}

/** Publishes the microphones of some, silent at first, and resolves when the bot listens to them. */
export async function listensTo(bot: RunningCall, ...people: DemoParticipant[]): Promise<void> {
  await Promise.all(people.map((person) => person.speak(0)));
  const subscribed = fromEvent(bot.room(), RoomEvent.TrackSubscribed).pipe(
    startWith(undefined),
    map(() =>
      people.filter(({ identity }) => microphonesOf(bot, identity).some(({ track }) => track)),
    ),
    filter(({ length }) => length === people.length),
  );
  await firstWithin(subscribed, SOON, 'the bot listening');
}
