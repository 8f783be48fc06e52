import type { TestScheduler } from 'rxjs/testing';
import type { RoomBot } from '../../operators/botRivals.js';
import { botStanding } from '../../operators/botStanding.js';
import { createTestScheduler } from '../support/testScheduler.js';

const bot = (sid: string, attributes: Record<string, string> = {}): RoomBot => ({
  identity: `media-bot-${sid}`,
  sid,
  attributes,
});

/** By their SIDs `a` ranks before this bot, and `z` after it. */
const ME = bot('m');
const LISTS = {
  0: [],
  a: [bot('a')],
  z: [bot('z')],
  b: [bot('a'), bot('z')],
  // The bot of z has joined again.
  y: [{ ...bot('z'), sid: 'y' }],
  o: [bot('a', { 'media-bot.outlives': ME.identity })],
  r: [bot('z', { 'media-bot.relieves': ME.identity })],
};
const STANDINGS = { u: 'undecided', f: 'first', o: 'outranked' } as const;

describe('botStanding', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const expectStanding = (lists: string, expected: string) =>
    rxTest.run(({ hot, expectObservable }) => {
      const source = hot(lists, LISTS).pipe(botStanding(() => ME));
      expectObservable(source).toBe(expected, STANDINGS);
    });

  it('should be first, at once, in a room without another bot', () => {
    expectStanding('0', 'f');
  });

  it('should have to leave where a rival is there and stays', () => {
    expectStanding('a', 'u 499ms o');
  });

  it('should decide a second later than a rival that may find itself in the same position', () => {
    expectStanding('z', 'u 1499ms o');
  });

  it('should be first when the rival that was there leaves in time', () => {
    expectStanding('a 400ms 0', 'u 400ms f');
  });

  it('should stay first when a rival comes, as that one finds this one there', () => {
    expectStanding('0 9ms z 1s 0', 'f');
  });

  it('should take a rival that comes back for one that has come', () => {
    expectStanding('z 400ms 0 99ms z', 'u 400ms f');
  });

  it('should take a rival that joins again under way for the one that was there', () => {
    expectStanding('z 400ms y', 'u 400ms - 1499ms o');
  });

  it('should not be delayed by whoever else comes', () => {
    expectStanding('a 99ms b', 'u 499ms o');
  });

  it('should leave at last when a rival stays that has the smaller SID', () => {
    expectStanding('0 a', 'f 30s o');
  });

  it('should stay for ever when one stays that has the greater SID', () => {
    expectStanding('0 z 60s 0', 'f');
  });

  it('should have to leave at once when a bot comes because this one was taken for dead', () => {
    expectStanding('0 9ms o', 'f 9ms o');
  });

  it('should stay beside a bot that relieves it', () => {
    expectStanding('0 9ms r', 'f');
  });

  it('should be first beside a bot that relieves it, and is there before it', () => {
    expectStanding('r', 'f');
  });

  it('should complete once it is decided when its source does', () => {
    expectStanding('(a|)', 'u 499ms (o|)');
  });

  it('should fail when its source does', () => {
    expectStanding('0#', 'f#');
  });
});
