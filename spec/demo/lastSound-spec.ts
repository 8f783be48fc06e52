import '../../demo/participants/quietRtcNode.js';

import { TrackSource } from '@livekit/rtc-node';
import type { TestScheduler } from 'rxjs/testing';

import type { HeardWindow } from '../../demo/participants/heardWindows.js';
import { lastSound } from '../../demo/participants/lastSound.js';
import { sine } from '../support/sine.js';
import { createTestScheduler } from '../support/testScheduler.js';

const window = (at: number, samples: Int16Array): HeardWindow => ({
  from: 'alice',
  trackName: 'microphone',
  trackSid: 'TR_a',
  source: TrackSource.SOURCE_MICROPHONE,
  at,
  samples,
});
/** t, u: sound at different times; s: silence. */
const windows = {
  t: window(10, sine(600, 20)),
  u: window(20, sine(600, 20)),
  s: window(30, new Int16Array(960)),
};
const arrivals = { n: 1, t: 10, u: 20 };

describe('lastSound', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const cases = {
    'emit the arrival of the last sound once it has been silent for so long': [
      '-t-u-s-s-s-s-|',
      '^-------!     ',
      '--------(u|)  ',
    ],
    'take no window at all for silence too': ['-t-------|', '^-----!   ', '------(t|)'],
    'emit since when it listened where there was no sound': [
      '-s-s-s-s-|',
      '^----!    ',
      '-----(n|) ',
    ],
    'wait while there is sound': ['-t-u-t-u-t-u', '^---------------!', '----------------(u|)'],
    'emit the last sound of a source that ends': ['-t|', '^-!', '--(t|)'],
    'emit since when it listened for an empty source': ['|', '(^!)', '(n|)'],
    'pass an error on': ['-t-#', '^--!', '---#'],
  };
  for (const [title, [heard, subscription, expected]] of Object.entries(cases)) {
    it(`should ${title}`, () => {
      rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot(heard!, windows);
        expectObservable(source.pipe(lastSound(5, 1))).toBe(expected!, arrivals);
        expectSubscriptions(source.subscriptions).toBe(subscription!);
      });
    });
  }

  it('should stop listening when it is unsubscribed', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -t-------', windows);
      const unsubscription = '---!     ';
      expectObservable(source.pipe(lastSound(5, 1)), unsubscription).toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });
});
