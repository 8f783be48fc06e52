import type { Room } from 'livekit-client';
import {
  BehaviorSubject,
  catchError,
  concatMap,
  distinctUntilChanged,
  EMPTY,
  finalize,
  from,
  fromEvent,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  Subject,
  switchMap,
  tap,
} from 'rxjs';

import { answersView } from './answersView.js';
import { attributeChanges } from './attributeChanges.js';
import { attributesView } from './attributesView.js';
import { attempt } from './attempt.js';
import { byId } from './byId.js';
import { commands } from './commands.js';
import { ears } from './ears.js';
import { earsView } from './earsView.js';
import { fromCall, isOut, type Line } from './fromCall.js';
import { askAbout, askFor, fetchPhrase } from './fromServer.js';
import { lineView } from './lineView.js';
import { people } from './people.js';
import { phrasesView } from './phrasesView.js';
import { sounds } from './sounds.js';
import { soundsView } from './soundsView.js';
import { transcripts } from './transcripts.js';
import { transcriptView } from './transcriptView.js';
import { Voice } from './voice.js';
import { whoView } from './whoView.js';

const me = new URLSearchParams(location.search).get('as') === 'agent' ? 'agent' : 'caller';
const context = new AudioContext({ sampleRate: 48_000 });
const voice = new Voice(context);
const line = new BehaviorSubject<Line>({ state: 'out' });
/** Whether the microphone shall be open, and whether it is. */
const wanted = new Subject<boolean>();
const microphone = new BehaviorSubject(false);

/** Everything that the page shows of a call, from joining it to its end. */
function inRoom(room: Room): Observable<unknown> {
  const present = people(room);
  wanted.next(true);
  return merge(
    soundsView(present, sounds(room, context)),
    earsView(ears(room)),
    transcriptView(transcripts(room)),
    attributesView(present, attributeChanges(present)),
    answersView(present),
    attempt(() => voice.publish(room)),
    // Some browsers play nothing until something is pressed.
    fromEvent(document, 'click').pipe(
      concatMap(() => from(room.startAudio()).pipe(catchError(() => EMPTY))),
    ),
  ).pipe(finalize(() => wanted.next(false)));
}

function listen(): Observable<unknown> {
  return merge(
    fromEvent(byId('microphone'), 'click').pipe(tap(() => wanted.next(!microphone.value))),
    wanted.pipe(
      switchMap((on) => attempt(() => openMicrophone(on)).pipe(tap(() => microphone.next(on)))),
    ),
    microphone.pipe(tap((on) => (byId('microphone').textContent = on ? 'Mute' : 'Unmute'))),
  );
}

/** The one button joins, and hangs up whoever has joined. */
function join(): Observable<Line> {
  return fromEvent(byId('join'), 'click').pipe(
    tap(() => void context.resume()),
    switchMap(() => (isOut(line.value) ? fromCall(me) : of<Line>({ state: 'out' }))),
  );
}

const roomOf = (now: Line) => ('room' in now ? now.room : undefined);

function mustBeIn(): void {
  if (isOut(line.value)) throw new Error('You are not in the call: join it first.');
}

async function openMicrophone(on: boolean): Promise<void> {
  if (on) mustBeIn();
  await voice.listen(on);
}

async function say(file: string): Promise<void> {
  mustBeIn();
  await voice.say(await fetchPhrase(file));
}

whoView(me);
merge(
  listen(),
  join().pipe(tap(line)),
  line.pipe(tap(lineView)),
  line.pipe(
    map(roomOf),
    distinctUntilChanged(),
    switchMap((room) => (room === undefined ? EMPTY : inRoom(room))),
  ),
  commands().pipe(concatMap((command) => attempt(() => askFor(command)))),
  attempt(askAbout).pipe(
    map((about) => phrasesView(about, byId('language') as HTMLSelectElement)),
    switchMap(({ pressed, shown }) =>
      merge(shown, pressed.pipe(mergeMap((file) => attempt(() => say(file))))),
    ),
  ),
).subscribe({
  error: (cause: unknown) => {
    byId('problem').textContent = `This page has failed; load it again. ${String(cause)}`;
  },
});
