import { expect } from 'chai';
import { BehaviorSubject, firstValueFrom, take, tap, toArray } from 'rxjs';
import { totalOf, usedMemory } from '../../lib/usedMemory.js';

describe('usedMemory', () => {
  it('should be that of the worker and of each host, as they are known at the moment', async () => {
    const hosts = new BehaviorSubject<ReadonlyMap<number, number>>(new Map([[1, 10]]));
    const joined = new Map([
      [1, 20],
      [3, 5],
    ]);
    const used$ = usedMemory(hosts).pipe(
      tap(() => hosts.next(joined)),
      take(2),
      toArray(),
    );
    const [first, second] = await firstValueFrom(used$, { defaultValue: [] });
    expect([...first!.keys()]).to.deep.equal(['worker', 'host 1']);
    expect([...second!]).to.deep.include.members([
      ['host 1', 20],
      ['host 3', 5],
    ]);
    expect(second!.get('worker')).to.be.closeTo(process.memoryUsage.rss(), 50 * 2 ** 20);
  });
});

describe('totalOf', () => {
  it('should add all processes up', () => {
    expect(
      totalOf(
        new Map([
          ['worker', 3],
          ['host 1', 4],
        ]),
      ),
    ).to.equal(7);
    expect(totalOf(new Map())).to.equal(0);
  });
});
