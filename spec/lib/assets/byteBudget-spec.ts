import { expect } from 'chai';
import { createByteBudget } from '../../../lib/assets/byteBudget.js';

const fail = (error: unknown) => expect.fail(String(error));

describe('createByteBudget', () => {
  it('should give no more than it has', () => {
    const budget = createByteBudget(100);
    expect(budget.reserve(60)).to.be.true;
    expect(budget.reserve(41)).to.be.false;
    expect(budget.reserve(40)).to.be.true;
    expect(budget.reserve(0)).to.be.true;
    budget.release(10);
    expect(budget.reserve(11)).to.be.false;
    expect(budget.reserve(10)).to.be.true;
  });

  it('should evict what idles the longest, and no more than it must', () => {
    const budget = createByteBudget(100);
    const evicted: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      budget.reserve(30);
      budget.evicted$.subscribe({
        error: fail,
        next: () => {
          evicted.push(name);
          budget.release(30);
        },
      });
    }
    expect(budget.reserve(40)).to.be.true;
    expect(evicted).to.deep.equal(['a']);
  });

  it('should not evict what is in use again', () => {
    const budget = createByteBudget(100);
    budget.reserve(60);
    const idle = budget.evicted$.subscribe({
      error: fail,
      next: () => expect.fail('it was evicted'),
    });
    idle.unsubscribe();
    expect(budget.reserve(50)).to.be.false;
  });

  it('should evict all that idles when it is cleared', () => {
    const budget = createByteBudget(100);
    let evicted = 0;
    const count = { error: fail, next: () => (evicted += 1) };
    budget.evicted$.subscribe(count);
    budget.evicted$.subscribe(count);
    budget.clear();
    expect(evicted).to.equal(2);
  });
});
