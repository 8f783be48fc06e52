import { concatMap, map, type Observable, pairwise, startWith } from 'rxjs';

import { nameOf, type Person } from './people.js';

/** A command or an answer, as it was written. */
export interface AttributeChange {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly name: string;
  readonly key: string;
  /** Missing: the key was deleted. */
  readonly value: string | undefined;
}

/** What changed about the attributes of those who are there, key by key. */
export function attributeChanges(
  people: Observable<readonly Person[]>,
): Observable<AttributeChange> {
  return people.pipe(
    startWith<readonly Person[]>([]),
    pairwise(),
    concatMap(([before, now]) =>
      now.flatMap((person) => {
        const old = before.find(({ identity }) => identity === person.identity)?.attributes ?? {};
        const keys = [...new Set([...Object.keys(old), ...Object.keys(person.attributes)])];
        return keys
          .filter((key) => old[key] !== person.attributes[key])
          .map((key) => ({ name: nameOf(person), key, value: person.attributes[key] }));
      }),
    ),
    map((change) => ({ at: Date.now(), ...change })),
  );
}
