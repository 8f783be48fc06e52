import { finalize, map, type Observable, tap } from 'rxjs';

import { byId } from './byId.js';
import { nameOf, type Person } from './people.js';

const NOT_YET = 'The bot is not in the room yet.';

/** Says what the bot has answered, and that it is not there while it is not. */
export function answersView(people: Observable<readonly Person[]>): Observable<unknown> {
  const show = (words: string) => {
    const place = byId('answers');
    // Only a change is to be read out.
    if (place.textContent !== words) place.textContent = words;
  };
  return people.pipe(
    map(inWords),
    tap(show),
    finalize(() => show('')),
  );
}

function inWords(people: readonly Person[]): string {
  const bot = people.find(({ isBot }) => isBot);
  const lines = people.filter(({ isBot }) => !isBot).flatMap(played);
  return [bot === undefined ? NOT_YET : transcribed(bot), ...lines].join('\n');
}

function transcribed({ attributes }: Person): string {
  const { 'stt.status': status, 'stt.provider': provider, 'stt.error': error } = attributes;
  if (error !== undefined) return `Transcription failed: ${error}.`;
  if (status !== 'running') return 'The bot is in the room and does not transcribe.';
  return `The bot transcribes, by ${provider ?? 'nobody'}.`;
}

function played(person: Person): readonly string[] {
  const { 'media.status': status, 'media.held': held, 'media.error': error } = person.attributes;
  if (status === undefined) return [];
  const hold = held === 'true' ? ', on hold' : '';
  return [`${nameOf(person)}: ${status}${hold}${error === undefined ? '' : ` (${error})`}.`];
}
