import { finalize, filter, map, merge, type Observable, share, tap, using } from 'rxjs';

import { mergeMapPresent } from '../../../operators/mergeMapPresent.js';
import { byId } from './byId.js';
import { element } from './element.js';
import { nameOf, type Person } from './people.js';
import { AUDIBLE_DBFS, type Sound } from './sounds.js';

/** Up to 4 kHz, as on the telephone; a bar stands for two of the 11.7 Hz steps. */
const BARS = 170;
const STEP = 2;

/**
 * Shows every received track: who it comes from, how loud it is, its loudest frequency and its
 * spectrum up to 4 kHz.
 */
export function soundsView(
  people: Observable<readonly Person[]>,
  sounds: Observable<Sound>,
): Observable<unknown> {
  const shared = sounds.pipe(share());
  const tracks = people.pipe(
    map((list) =>
      list.flatMap((person) =>
        person.tracks
          .filter(({ isReceived }) => isReceived)
          .map(({ sid }) => `${sid} ${nameOf(person)}`),
      ),
    ),
  );
  return merge(
    tracks.pipe(mergeMapPresent((track) => card(track, shared))),
    tracks.pipe(
      tap(({ length }) => (byId('quiet').hidden = length > 0)),
      finalize(() => (byId('quiet').hidden = false)),
    ),
  );
}

function card(track: string, sounds: Observable<Sound>): Observable<unknown> {
  const [sid, ...words] = track.split(' ');
  const name = words.join(' ');
  const text = element('span', { class: 'level' }, 'silence');
  const meter = element('meter', { min: '-60', max: '0', 'aria-label': `Level of ${name}, dBFS` });
  const canvas = element('canvas', { width: `${BARS * 3}`, height: '64', 'aria-hidden': 'true' });
  const item = element('li', {}, element('strong', {}, name), text, meter, canvas);
  return using(
    () => {
      byId('sounds').append(item);
      return { unsubscribe: () => item.remove() };
    },
    () =>
      sounds.pipe(
        filter((sound) => sound.sid === sid),
        map((sound) => {
          text.textContent = inWords(sound);
          meter.value = sound.dbfs;
          draw(canvas, sound.spectrum);
        }),
      ),
  );
}

function inWords({ dbfs, hz }: Sound): string {
  if (dbfs < AUDIBLE_DBFS || hz === undefined) return 'silence';
  return `${dbfs.toFixed(0)} dBFS, loudest at ${hz.toFixed(0)} Hz`;
}

function draw(canvas: HTMLCanvasElement, spectrum: Uint8Array): void {
  const pen = canvas.getContext('2d')!;
  const { width, height } = canvas;
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = getComputedStyle(canvas).color;
  for (let bar = 0; bar < BARS; bar += 1) {
    const level = Math.max(...spectrum.subarray(bar * STEP, (bar + 1) * STEP)) / 255;
    pen.fillRect(bar * 3, height * (1 - level), 2, height * level);
  }
}
