import { finalize, type Observable, tap } from 'rxjs';

import { byId } from './byId.js';
import type { Ears, Hearing } from './ears.js';
import { element } from './element.js';

const WORDS: Readonly<Record<Hearing, string>> = {
  yes: 'hears',
  no: 'does not hear',
  silent: 'sends nothing',
};

/** A row for each listener, a column for each of those who can be heard. */
export function earsView(ears: Observable<Ears>): Observable<unknown> {
  const show = (all: Ears) => {
    const isEmpty = Object.keys(all).length === 0;
    byId('alone').hidden = !isEmpty;
    byId('ears').replaceChildren(...(isEmpty ? [] : rows(all)));
  };
  return ears.pipe(
    tap(show),
    finalize(() => show({})),
  );
}

function rows(ears: Ears): readonly HTMLElement[] {
  const names = Object.values(ears).flatMap((ear) => Object.keys(ear));
  const columns = [...new Set([...Object.keys(ears), ...names])].toSorted();
  const heading = (name: string) => element('th', { scope: 'col' }, name);
  const corner = element('td', {}, 'listener');
  return [
    element('thead', {}, element('tr', {}, corner, ...columns.map(heading))),
    element(
      'tbody',
      {},
      ...Object.keys(ears)
        .toSorted()
        .map((name) => row(name, ears[name]!, columns)),
    ),
  ];
}

function row(
  name: string,
  ear: Readonly<Record<string, Hearing>>,
  columns: readonly string[],
): HTMLElement {
  const cells = columns.map((other) => {
    const hearing = ear[other];
    if (hearing === undefined) return element('td', {}, '–');
    return element('td', { class: hearing }, WORDS[hearing]);
  });
  return element('tr', {}, element('th', { scope: 'row' }, name), ...cells);
}
