import { expect } from 'chai';
import { lastValueFrom, take, toArray } from 'rxjs';
import { eventLoopLag } from '../../lib/eventLoopLag.js';

/** Fewer than a hundred timers: the longest of all is their 99th percentile. */
const SPAN = 1_000;

/** Lets no timer run for so long. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('eventLoopLag', function () {
  this.timeout(40_000);

  it('should tell how long the event loop stood still, and start anew with each span', async () => {
    const three = lastValueFrom(eventLoopLag(SPAN).pipe(take(3), toArray()), { defaultValue: [] });
    setTimeout(() => block(2_000), SPAN / 4);
    const [first = 0, , third = 0] = await three;
    expect(first).to.be.above(1_500);
    expect(third)
      .to.be.below(first / 2)
      .and.at.least(0);
  });
});
