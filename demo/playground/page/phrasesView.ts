import { fromEvent, mergeMap, type Observable, tap } from 'rxjs';

import type { About } from '../requests.js';
import { byId } from './byId.js';
import { element } from './element.js';

/** Lists what can be said for one; emits the file of a phrase whose button is pressed. */
export function phrasesView({ phrases, standIns }: About, language: HTMLSelectElement) {
  byId('understood').textContent =
    standIns.length === 0
      ? 'Into your microphone, or have it said for you.'
      : `The stand-ins for ${new Intl.ListFormat('en').format(standIns)} understand these recordings only: have them said for you.`;
  const show = () => {
    const fitting = phrases.filter((phrase) => phrase.language.startsWith(language.value));
    byId('phrases').replaceChildren(...fitting.map(item));
  };
  show();
  const pressed: Observable<string> = fromEvent(byId('phrases'), 'click').pipe(
    mergeMap(({ target }) => {
      const file = (target as HTMLElement).dataset.file;
      return file === undefined ? [] : [file];
    }),
  );
  return { pressed, shown: fromEvent(language, 'change').pipe(tap(show)) };
}

function item({ file, text, language }: About['phrases'][number]): HTMLElement {
  const name = `Say it for me: ${text}`;
  const button = element('button', { type: 'button', 'data-file': file, 'aria-label': name });
  button.append('Say it for me');
  return element('li', {}, element('q', { lang: language, dir: 'auto' }, text), ' ', button);
}
