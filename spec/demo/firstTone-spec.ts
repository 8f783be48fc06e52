import '../../demo/participants/quietRtcNode.js';

import { TrackSource } from '@livekit/rtc-node';
import type { TestScheduler } from 'rxjs/testing';

import { firstTone } from '../../demo/participants/firstTone.js';
import type { HeardWindow } from '../../demo/participants/heardWindows.js';
import { sine } from '../support/sine.js';
import { createTestScheduler } from '../support/testScheduler.js';

const window = (trackSid: string, hz: number, at: number): HeardWindow => ({
  from: 'alice',
  trackName: 'microphone',
  trackSid,
  source: TrackSource.SOURCE_MICROPHONE,
  at,
  samples: sine(hz, 20),
});
/** s, t, u, v: the tone, at different times; x: another tone; y: the tone on another track. */
const windows = {
  s: window('TR_a', 600, 1),
  t: window('TR_a', 600, 2),
  u: window('TR_a', 600, 3),
  v: window('TR_a', 600, 4),
  x: window('TR_a', 1_000, 5),
  y: window('TR_b', 600, 6),
};

describe('firstTone', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const cases = {
    'emit the first of three windows in a row, and listen no further': [
      '  -x-s-t-u-v-|',
      '  ^------!    ',
      '  -------(s|) ',
    ],
    'start again after a window without the tone': [
      '  -s-t-x-t-u-v-|',
      '  ^----------!  ',
      '  -----------(t|)',
    ],
    'not count windows of different tracks together': [
      '  -s-y-t-y-|',
      '  ^--------!',
      '  ---------|',
    ],
    'emit nothing for a source that never does': ['---', '^--', '---'],
    'emit nothing for an empty source': ['|', '(^!)', '|'],
    'pass an error on': ['-s-t-#', '^----!', '-----#'],
  };
  for (const [title, [heard, subscription, expected]] of Object.entries(cases)) {
    it(`should ${title}`, () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold(heard!, windows);
        expectObservable(source.pipe(firstTone(600))).toBe(expected!, windows);
        expectSubscriptions(source.subscriptions).toBe(subscription!);
      });
    });
  }

  it('should stop listening when it is unsubscribed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   -s-t-u-', windows);
      const unsubscription = '---!   ';
      expectObservable(source.pipe(firstTone(600)), unsubscription).toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });
});
