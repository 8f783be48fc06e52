import { expect } from 'chai';
import type { Holds } from '../../operators/holdLedger.js';
import { isolationPlan, type RoomAudio } from '../../operators/isolationPlan.js';

/** A room in which everybody publishes one track, with the publisher's name for its SID. */
const roomOf = (humans: readonly string[], bots: readonly string[] = []): RoomAudio => ({
  people: [...humans, ...bots].map((identity) => ({
    identity,
    sid: `PA_${identity}`,
    isBot: bots.includes(identity),
  })),
  tracks: [...humans, ...bots].map((owner) => ({ sid: owner, owner })),
});
const call = roomOf(['caller', 'agent', 'boss']);

type Who = Partial<Readonly<Record<keyof Holds, readonly string[]>>>;
const holds = ({ held = [], absent = [], released = [] }: Who): Holds => ({
  held: new Set(held),
  absent: new Set(absent),
  released: new Set(released),
});

/** A plan in words: `caller: -agent` where the caller is to be unsubscribed from agent's track. */
const inWords = (room: RoomAudio, who: Who, bothWays = false): readonly string[] =>
  isolationPlan(room, holds(who), bothWays).map(({ listener, hide, show }) =>
    [`${listener}:`, ...hide.map((sid) => `-${sid}`), ...show.map((sid) => `+${sid}`)].join(' '),
  );

describe('isolationPlan', () => {
  it('should say all about a change', () => {
    const who = holds({ held: ['caller'], released: ['boss'] });
    expect(isolationPlan(call, who, false)).to.deep.equal([
      { listener: 'caller', stay: 'PA_caller', held: true, hide: ['agent', 'boss'], show: [] },
      { listener: 'boss', stay: 'PA_boss', held: false, hide: [], show: ['caller', 'agent'] },
    ]);
  });

  const cases: Readonly<Record<string, { who: Who; oneWay: string[]; bothWays: string[] }>> = {
    'have nothing to do where nobody is held or released': {
      who: {},
      oneWay: [],
      bothWays: [],
    },
    'hide everybody from one who is held': {
      who: { held: ['caller'] },
      oneWay: ['caller: -agent -boss'],
      bothWays: ['caller: -agent -boss', 'agent: -caller', 'boss: -caller'],
    },
    'hide two who are held from each other, too': {
      who: { held: ['caller', 'agent'] },
      oneWay: ['caller: -agent -boss', 'agent: -caller -boss'],
      bothWays: ['caller: -agent -boss', 'agent: -caller -boss', 'boss: -caller -agent'],
    },
    'give everything back to one who was released': {
      who: { released: ['caller'] },
      oneWay: ['caller: +agent +boss'],
      bothWays: ['caller: +agent +boss', 'agent: +caller', 'boss: +caller'],
    },
    'release one while another one stays held': {
      who: { held: ['caller'], released: ['agent'] },
      oneWay: ['caller: -agent -boss', 'agent: +caller +boss'],
      bothWays: ['caller: -agent -boss', 'agent: -caller +boss', 'boss: -caller +agent'],
    },
    'release two at once': {
      who: { released: ['caller', 'agent'] },
      oneWay: ['caller: +agent +boss', 'agent: +caller +boss'],
      bothWays: ['caller: +agent +boss', 'agent: +caller +boss', 'boss: +caller +agent'],
    },
    'go on asking for one who is held and not in the room': {
      who: { held: ['absentee'], absent: ['absentee'] },
      oneWay: ['absentee: -caller -agent -boss'],
      bothWays: ['absentee: -caller -agent -boss'],
    },
    'have nothing to do for one who was released and is not in the room': {
      who: { released: ['absentee'] },
      oneWay: [],
      bothWays: [],
    },
  };
  for (const [what, { who, oneWay, bothWays }] of Object.entries(cases)) {
    it(`should ${what}`, () => {
      expect(inWords(call, who)).to.deep.equal(oneWay);
    });
    it(`should ${what}, both ways`, () => {
      expect(inWords(call, who, true)).to.deep.equal(bothWays);
    });
  }

  it('should leave media bots alone, on both sides', () => {
    const room = roomOf(['caller', 'agent'], ['media-bot-1', 'media-bot-2']);
    expect(inWords(room, { held: ['caller'] })).to.deep.equal(['caller: -agent']);
    expect(inWords(room, { held: ['caller'] }, true)).to.deep.equal([
      'caller: -agent',
      'agent: -caller',
    ]);
    expect(inWords(room, { released: ['caller'] }, true)).to.deep.equal([
      'caller: +agent',
      'agent: +caller',
    ]);
  });

  it('should not take somebody for a bot by the name alone', () => {
    const room = roomOf(['caller', 'media-bot-impostor']);
    expect(inWords(room, { held: ['caller'] })).to.deep.equal(['caller: -media-bot-impostor']);
    expect(inWords(room, { held: ['media-bot-impostor'] })).to.deep.equal([
      'media-bot-impostor: -caller',
    ]);
  });

  it('should name every track of a publisher', () => {
    const room = { ...call, tracks: ['1', '2'].map((sid) => ({ sid, owner: 'agent' })) };
    expect(inWords(room, { held: ['caller'] })).to.deep.equal(['caller: -1 -2']);
    expect(inWords(room, { released: ['caller'] })).to.deep.equal(['caller: +1 +2']);
  });

  it('should include those concerned even where nobody publishes', () => {
    const room = { ...call, tracks: [] };
    expect(inWords(room, { held: ['caller'], released: ['agent'] }, true)).to.deep.equal([
      'caller:',
      'agent:',
    ]);
  });
});
