import { expect } from 'chai';
import { skipWhile, take, toArray } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
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
    // On a busy machine it may stand still in other spans as well, but hardly in both that follow.
    const spans$ = eventLoopLag(SPAN).pipe(
      skipWhile((lag) => lag <= 1_500),
      take(3),
      toArray(),
    );
    const spans = firstWithin(spans$, 30_000, 'a span that shows it, and two more');
    setTimeout(() => block(2_000), SPAN / 4);
    const [first = 0, ...later] = await spans;
    expect(Math.min(...later))
      .to.be.below(first / 2)
      .and.at.least(0);
  });
});
