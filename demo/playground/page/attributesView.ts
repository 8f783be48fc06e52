import { finalize, merge, type Observable, tap } from 'rxjs';

import type { AttributeChange } from './attributeChanges.js';
import { byId } from './byId.js';
import { element } from './element.js';
import { nameOf, type Person } from './people.js';

/** Older changes are dropped from the page. */
const LOGGED = 100;

/** Shows the attributes of everybody as they are, and each change with when it came. */
export function attributesView(
  people: Observable<readonly Person[]>,
  changes: Observable<AttributeChange>,
): Observable<unknown> {
  const [maps, log] = [byId('maps'), byId('log')];
  log.replaceChildren();
  return merge(
    people.pipe(
      tap((list) => maps.replaceChildren(...list.map(map))),
      finalize(() => maps.replaceChildren()),
    ),
    changes.pipe(
      tap((change) => {
        log.prepend(entry(change));
        log.children.item(LOGGED)?.remove();
      }),
    ),
  );
}

function map(person: Person): HTMLElement {
  const entries = Object.entries(person.attributes).toSorted();
  const rows = entries.map(([key, value]) =>
    element('tr', {}, element('th', { scope: 'row' }, key), element('td', {}, value)),
  );
  const none = element('tr', {}, element('td', {}, 'none'));
  const body = element('tbody', {}, ...(rows.length > 0 ? rows : [none]));
  return element('table', {}, element('caption', {}, nameOf(person)), body);
}

function entry({ at, name, key, value }: AttributeChange): HTMLElement {
  const moment = new Date(at);
  const time = element('time', { datetime: moment.toISOString() });
  time.append(
    `${moment.toTimeString().slice(0, 8)}.${String(moment.getMilliseconds()).padStart(3, '0')}`,
  );
  const what = element('code', {}, value === undefined ? `${key} deleted` : `${key} = ${value}`);
  return element('li', {}, time, ` ${name} `, what);
}
