import { expect } from 'chai';
import { TestScheduler } from 'rxjs/testing';

/** A fresh virtual clock whose marble assertions compare deeply, typed arrays included. */
export function createTestScheduler(): TestScheduler {
  return new TestScheduler((actual, expected) => {
    expect(actual).to.deep.equal(expected);
  });
}
