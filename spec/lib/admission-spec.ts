import { expect } from 'chai';
import {
  admit,
  type AdmittedCalls,
  assign,
  botIn,
  type Circumstances,
  expectedLoad,
  handoverFrom,
  PROMISE_TIME,
  refuse,
  without,
} from '../../lib/admission.js';

const NOW = 1_000_000;
const MEBIBYTE = 2 ** 20;
const NONE: AdmittedCalls = new Map();
const call = (admittedAt = NOW) => ({ room: 'r', identity: 'media-bot-1', admittedAt });

const circumstances = (change: Partial<Circumstances> = {}): Circumstances => ({
  draining: false,
  warmHosts: 2,
  load: 0.5,
  loadThreshold: 0.75,
  loadPerCall: 0.1,
  memory: 0,
  memoryLimit: 512 * MEBIBYTE,
  calls: NONE,
  now: NOW,
  ...change,
});

describe('expectedLoad', () => {
  it('should be the measured load without calls', () => {
    expect(expectedLoad(circumstances())).to.equal(0.5);
  });

  it('should add an estimate for every call that the measurement cannot show yet', () => {
    const calls = assign(admit(admit(NONE, 'a', call()), 'b', call(NOW - 9_999)), 'b', call());
    expect(expectedLoad(circumstances({ calls }))).to.be.closeTo(0.7, 1e-9);
  });

  it('should add less for one that another bot plays for meanwhile', () => {
    const calls = admit(NONE, 'a', { ...call(), relieves: true });
    expect(expectedLoad(circumstances({ calls }))).to.be.closeTo(0.53, 1e-9);
  });

  it('should leave older calls to the measurement', () => {
    const calls = admit(NONE, 'a', call(NOW - PROMISE_TIME));
    expect(expectedLoad(circumstances({ calls }))).to.equal(0.5);
  });
});

describe('refuse', () => {
  it('should take a call at the threshold and none above it', () => {
    expect(refuse(circumstances({ load: 0.75 }))).to.equal(undefined);
    expect(refuse(circumstances({ load: 0.751 }))).to.equal('overloaded');
  });

  it('should judge a second call with the first one in mind', () => {
    const first = circumstances({ load: 0.7 });
    expect(refuse(first)).to.equal(undefined);
    const calls = admit(first.calls, 'a', call());
    expect(refuse({ ...first, calls })).to.equal('overloaded');
  });

  it('should leave room for a host that may have to be started', () => {
    expect(refuse(circumstances({ memory: 434 * MEBIBYTE }))).to.equal(undefined);
    expect(refuse(circumstances({ memory: 434 * MEBIBYTE + 1 }))).to.equal('no_memory');
  });

  it('should count memory for every call that the measurement cannot show yet', () => {
    const roomForTwo = circumstances({ memory: 428 * MEBIBYTE });
    const one = admit(NONE, 'a', call());
    expect(refuse({ ...roomForTwo, calls: one })).to.equal(undefined);
    expect(refuse({ ...roomForTwo, calls: admit(one, 'b', call()) })).to.equal('no_memory');
    const old = admit(NONE, 'a', call(NOW - PROMISE_TIME));
    expect(refuse({ ...roomForTwo, calls: admit(old, 'b', call()) })).to.equal(undefined);
  });

  it('should refuse while draining, and without a warm host', () => {
    expect(refuse(circumstances({ draining: true }))).to.equal('draining');
    expect(refuse(circumstances({ warmHosts: 0 }))).to.equal('no_host');
  });
});

describe('admit, assign, without', () => {
  it('should keep the time of the promise when its assignment comes', () => {
    const promised = admit(NONE, 'a', call(1));
    expect(promised.get('a')?.assigned).to.equal(false);
    const assigned = assign(promised, 'a', call(2));
    expect(assigned.get('a')).to.deep.equal({ ...call(1), assigned: true });
  });

  it('should accept an assignment whose promise has lapsed', () => {
    expect(assign(NONE, 'a', call(2)).get('a')).to.deep.equal({ ...call(2), assigned: true });
  });

  it('should leave the calls they were given as they were', () => {
    const one = admit(NONE, 'a', call());
    expect([...without(one, 'a').keys()]).to.deep.equal([]);
    expect([...one.keys()]).to.deep.equal(['a']);
    expect(NONE.size).to.equal(0);
  });
});

describe('botIn', () => {
  const calls = admit(NONE, 'a', call());

  it('should know the rooms that have a bot of ours', () => {
    expect(botIn(calls, 'r', undefined)).to.equal(true);
    expect(botIn(calls, 'other', undefined)).to.equal(false);
  });

  it('should not count the bot that is to be relieved', () => {
    expect(botIn(calls, 'r', 'media-bot-1')).to.equal(false);
    expect(botIn(calls, 'r', 'media-bot-2')).to.equal(true);
  });
});

describe('handoverFrom', () => {
  it('should read the identity from the dispatch metadata', () => {
    expect(handoverFrom('{"handover_from":"media-bot-1","stt":{}}')).to.equal('media-bot-1');
  });

  for (const metadata of ['', '{', 'null', '"text"', '[]', '{"handover_from":7}']) {
    it(`should find none in ${JSON.stringify(metadata)}`, () => {
      expect(handoverFrom(metadata)).to.equal(undefined);
    });
  }
});
