import { expect } from 'chai';
import { createRequestRate, type RequestRate } from '../../../lib/stt/requestRate.js';

const MINUTE = 60_000;

/** Serves so many requests evenly within the minute up to `now`. */
function serve(rate: RequestRate, count: number, now: number): void {
  for (let i = 1; i <= count; i++) rate.served(now - MINUTE + (i * MINUTE) / count);
}

/** How many of the requests that want to be made at once have their turn within so long. */
function placesWithin(rate: RequestRate, now: number, span: number): number {
  let places = 0;
  while (places < 10_000 && rate.take(now) <= span) places += 1;
  return places;
}

describe('createRequestRate', () => {
  it('should know no limit at first', () => {
    const rate = createRequestRate();
    for (let i = 0; i < 1_000; i++) expect(rate.take(i)).to.equal(0);
  });

  it('should take four fifths of what was served lately for the limit', () => {
    const rate = createRequestRate();
    serve(rate, 600, MINUTE);
    rate.throttled(MINUTE, MINUTE);
    // A minute's memory fades: of 600 a minute, begun a minute ago, it knows 1 - 1/e.
    expect(placesWithin(rate, MINUTE, MINUTE)).to.be.within(295, 310);
  });

  it('should learn once from all requests that were made before a refusal', () => {
    const [once, often] = [createRequestRate(), createRequestRate()];
    for (const rate of [once, often]) {
      serve(rate, 600, MINUTE);
      rate.throttled(MINUTE, MINUTE + 1);
    }
    often.served(MINUTE + 2);
    for (let i = 0; i < 10; i++) often.throttled(MINUTE, MINUTE + 3);
    expect(placesWithin(often, MINUTE + 3, MINUTE)).to.equal(
      placesWithin(once, MINUTE + 3, MINUTE),
    );
  });

  it('should not learn from refusals where nothing was served since it learned', () => {
    const rate = createRequestRate();
    rate.throttled(0, 1);
    expect(rate.take(1)).to.equal(0);
    expect(rate.take(1)).to.equal(0);
    serve(rate, 600, MINUTE);
    rate.throttled(MINUTE, MINUTE);
    for (let i = 1; i < 10; i++) rate.throttled(MINUTE + i, MINUTE + i);
    expect(placesWithin(rate, MINUTE + 10, MINUTE)).to.be.above(290);
  });

  it('should not go below ten requests a minute', () => {
    const rate = createRequestRate();
    rate.served(0);
    rate.throttled(0, 0);
    expect([0, 1, 2].map(() => rate.take(0))).to.deep.equal([0, 6_000, 12_000]);
  });

  it('should grow by half per minute', () => {
    const rate = createRequestRate();
    rate.served(0);
    rate.throttled(0, 0);
    const now = 2 * MINUTE;
    // 22.5 a minute by then, for a minute and the last 15 s, and the first of them.
    expect(placesWithin(rate, now, MINUTE)).to.equal(29);
  });

  it('should keep unused places for 15 s', () => {
    const rate = createRequestRate();
    rate.served(0);
    rate.throttled(0, 0);
    const now = MINUTE;
    // 15 a minute by then: three for the last 15 s, and one that is due.
    expect(placesWithin(rate, now, 0)).to.equal(4);
  });

  it('should move up those behind a place that is given back', () => {
    const rate = createRequestRate();
    rate.served(0);
    rate.throttled(0, 0);
    rate.take(0);
    expect(rate.take(0)).to.equal(6_000);
    rate.giveBack(0);
    expect(rate.take(0)).to.equal(6_000);
  });
});
