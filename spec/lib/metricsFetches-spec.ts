import { expect } from 'chai';
import type { TestScheduler } from 'rxjs/testing';
import { countFetches } from '../../lib/metricsFetches.js';
import { MediaError } from '../../operators/mediaError.js';
import type { AssetPart } from '../../streams/fromAsset.js';
import { createTestScheduler } from '../support/testScheduler.js';

const head = (status: number) => ({ status, headers: {} }) as AssetPart;
const parts = { h: head(200), n: head(304), b: new Uint8Array(1) };
const refused = new MediaError('asset_refused', 'not allowed');

describe('countFetches', () => {
  let rxTest: TestScheduler;
  let outcomes: string[];
  let times: number[];
  beforeEach(() => {
    rxTest = createTestScheduler();
    [outcomes, times] = [[], []];
  });
  const fetched = (outcome: string, after: number) => {
    outcomes.push(outcome);
    times.push(after);
  };
  const count = countFetches({ fetched }, () => rxTest.now());

  const cases = [
    {
      what: 'an asset that has arrived',
      result: '-h-b-b-|',
      leave: '',
      subs: '^------!',
      as: 'fetched',
    },
    { what: 'one that has not changed', result: '-n|', leave: '', subs: '^-!', as: 'not_modified' },
    {
      what: 'a change asked for only',
      result: '-n--',
      leave: '^--!',
      subs: '^--!',
      as: 'not_modified',
    },
    {
      what: 'one that is given up',
      result: '-h-b--',
      leave: '^----!',
      subs: '^----!',
      as: 'aborted',
    },
    { what: 'one that is refused', result: '--#', leave: '', subs: '^-!', as: 'asset_refused' },
  ] as const;
  for (const { what, result, leave, subs, as } of cases) {
    it(`should count ${what} as ${as}, once, and change nothing`, () => {
      rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
        const fetch = cold(result, parts, refused);
        expectObservable(fetch.pipe(count), leave || null).toBe(result, parts, refused);
        expectSubscriptions(fetch.subscriptions).toBe(subs);
      });
      expect(outcomes).to.deep.equal([as]);
      expect(times).to.deep.equal([subs.indexOf('!')]);
    });
  }

  it('should count each request of a stream', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const counted = cold('h|', parts).pipe(count);
      expectObservable(counted).toBe('h|', parts);
      expectObservable(counted).toBe('h|', parts);
    });
    expect(outcomes).to.deep.equal(['fetched', 'fetched']);
  });

  it('should take an error of no known code for an unreachable asset', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold<AssetPart>('#').pipe(count)).toBe('#');
    });
    expect(outcomes).to.deep.equal(['asset_unreachable']);
  });
});
