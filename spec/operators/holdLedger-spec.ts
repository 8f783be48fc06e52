import { expect } from 'chai';
import {
  activeHolds,
  type HoldEvent,
  type HoldLedger,
  nextHolds,
} from '../../operators/holdLedger.js';
import type { EpochMilliseconds } from '../../operators/types.js';

const SECOND = 1_000;

type Step = readonly [at: EpochMilliseconds, HoldEvent];

const wanted = (held: boolean, identity: string, sid: string, wasHeld = false): HoldEvent => ({
  type: 'wanted',
  identity,
  sid,
  held,
  wasHeld,
});
const hold = (identity = 'caller', sid = 'PA_1') => wanted(true, identity, sid);
const release = (identity = 'caller', sid = 'PA_1') => wanted(false, identity, sid);
/** Everybody in the room, with their stays. */
const present = (sids: Readonly<Record<string, string>>): HoldEvent => ({
  type: 'present',
  sids: new Map(Object.entries(sids)),
});
const departed = (identity = 'caller'): HoldEvent => ({ type: 'departed', identity });

const ledgerAfter = (steps: readonly Step[]): HoldLedger =>
  steps.reduce<HoldLedger>((ledger, [at, event]) => nextHolds(ledger, event, at), new Map());
/** Who is what at a moment, in words: `held: caller; absent: caller`. */
const holdsAt = (now: EpochMilliseconds, ...steps: readonly Step[]): string =>
  Object.entries(activeHolds(ledgerAfter(steps), now))
    .map(([what, who]) => [what, [...(who as ReadonlySet<string>)]] as const)
    .filter(([, who]) => who.length > 0)
    .map(([what, who]) => `${what}: ${who.join()}`)
    .join('; ');

const HELD = 'held: caller';
const AWAY = 'held: caller; absent: caller';
const RELEASED = 'released: caller';
const NOBODY = '';

describe('holdLedger', () => {
  it('should know of nobody at first', () => {
    expect(activeHolds(new Map(), 0)).to.deep.equal({
      held: new Set(),
      absent: new Set(),
      released: new Set(),
    });
  });

  it('should hold whoever is to be held, for as long as it takes', () => {
    const held: Step = [SECOND, hold()];
    expect(holdsAt(SECOND, held)).to.equal(HELD);
    expect(holdsAt(3_600 * SECOND, held)).to.equal(HELD);
    expect(holdsAt(3_600 * SECOND, held, [2 * SECOND, hold()])).to.equal(HELD);
  });

  it('should leave those alone who were never held', () => {
    expect(holdsAt(0, [0, release()])).to.equal(NOBODY);
    expect(holdsAt(0, [0, present({ caller: 'PA_1' })], [0, departed()])).to.equal(NOBODY);
  });

  it('should give back for 10 s what a hold has taken', () => {
    const steps: Step[] = [
      [0, hold()],
      [SECOND, release()],
    ];
    expect(holdsAt(SECOND, ...steps)).to.equal(RELEASED);
    expect(holdsAt(11 * SECOND - 1, ...steps)).to.equal(RELEASED);
    expect(holdsAt(11 * SECOND, ...steps)).to.equal(NOBODY);
  });

  it('should not begin to give back anew when it is told again', () => {
    const steps: Step[] = [
      [0, hold()],
      [SECOND, release()],
      [9 * SECOND, release()],
      [9 * SECOND, present({ caller: 'PA_1' })],
    ];
    expect(holdsAt(11 * SECOND, ...steps)).to.equal(NOBODY);
  });

  it('should hold again whoever was released', () => {
    const steps: Step[] = [
      [0, hold()],
      [SECOND, release()],
      [2 * SECOND, hold()],
    ];
    expect(holdsAt(2 * SECOND, ...steps)).to.equal(HELD);
    expect(holdsAt(5 * SECOND, ...steps, [4 * SECOND, release()])).to.equal(RELEASED);
    expect(holdsAt(14 * SECOND, ...steps, [4 * SECOND, release()])).to.equal(NOBODY);
  });

  it('should give back what an earlier bot has taken', () => {
    const left = wanted(false, 'caller', 'PA_1', true);
    expect(holdsAt(SECOND, [SECOND, left])).to.equal(RELEASED);
    expect(holdsAt(11 * SECOND, [SECOND, left])).to.equal(NOBODY);
  });

  it('should take over the hold of an earlier bot', () => {
    const held = wanted(true, 'caller', 'PA_1', true);
    expect(holdsAt(0, [0, held])).to.equal(HELD);
    expect(holdsAt(SECOND, [0, held], [SECOND, release()])).to.equal(RELEASED);
  });

  it("should hold through the target's reconnection", () => {
    const steps: Step[] = [
      [0, hold()],
      [SECOND, present({ caller: 'PA_2' })],
    ];
    expect(holdsAt(90 * SECOND, ...steps)).to.equal(HELD);
  });

  it('should hold an absent target for 60 s from the first moment of absence', () => {
    const steps: Step[] = [
      [0, hold()],
      [SECOND, present({})],
      [30 * SECOND, present({ agent: 'PA_3' })],
    ];
    expect(holdsAt(SECOND, ...steps)).to.equal(AWAY);
    expect(holdsAt(61 * SECOND - 1, ...steps)).to.equal(AWAY);
    expect(holdsAt(61 * SECOND, ...steps)).to.equal(RELEASED);
  });

  it('should not take a repeated wish for a return', () => {
    const away: Step[] = [
      [0, hold()],
      [SECOND, present({})],
    ];
    expect(holdsAt(2 * SECOND, ...away, [2 * SECOND, hold('caller', 'PA_2')])).to.equal(AWAY);
  });

  it('should call nobody absent who is not held', () => {
    const away: Step[] = [
      [0, hold()],
      [SECOND, release()],
      [2 * SECOND, present({})],
    ];
    expect(holdsAt(2 * SECOND, ...away)).to.equal(RELEASED);
  });

  it('should count the absence anew after a return', () => {
    const steps: Step[] = [
      [0, hold()],
      [SECOND, present({})],
      [50 * SECOND, present({ caller: 'PA_2' })],
      [60 * SECOND, present({})],
    ];
    expect(holdsAt(50 * SECOND, ...steps.slice(0, 3))).to.equal(HELD);
    expect(holdsAt(120 * SECOND - 1, ...steps)).to.equal(AWAY);
    expect(holdsAt(120 * SECOND, ...steps)).to.equal(RELEASED);
  });

  it('should hold one who said good-bye for 5 s, in which they may connect anew', () => {
    const left: Step[] = [
      [0, hold()],
      [SECOND, departed()],
      [SECOND, present({})],
    ];
    const back: Step = [6 * SECOND - 1, present({ caller: 'PA_2' })];
    expect(holdsAt(SECOND, ...left.slice(0, 2))).to.equal(AWAY);
    expect(holdsAt(6 * SECOND - 1, ...left)).to.equal(AWAY);
    expect(holdsAt(6 * SECOND, ...left)).to.equal(RELEASED);
    expect(holdsAt(90 * SECOND, ...left, back)).to.equal(HELD);
  });

  it('should do so, too, where the absence is seen before the good-bye', () => {
    const left: Step[] = [
      [0, hold()],
      [SECOND, present({})],
      [SECOND, departed()],
    ];
    expect(holdsAt(6 * SECOND - 1, ...left)).to.equal(AWAY);
    expect(holdsAt(6 * SECOND, ...left)).to.equal(RELEASED);
  });

  const absences = {
    'an absence': [present({}), 61 * SECOND],
    'a good-bye': [departed(), 6 * SECOND],
  } as const;
  for (const [what, [event, end]] of Object.entries(absences)) {
    describe(`when ${what} has ended a hold`, () => {
      const over: Step[] = [
        [0, hold()],
        [SECOND, event],
        [SECOND, present({})],
      ];

      it('should give back for 10 s from that moment', () => {
        expect(holdsAt(end + 10 * SECOND - 1, ...over)).to.equal(RELEASED);
        expect(holdsAt(end + 10 * SECOND, ...over)).to.equal(NOBODY);
        const seen: Step = [end + 5 * SECOND, present({})];
        expect(holdsAt(end + 10 * SECOND, ...over, seen)).to.equal(NOBODY);
      });

      it('should give back for 10 s more at the rejoin, and then forget', () => {
        const back: Step = [200 * SECOND, present({ caller: 'PA_2' })];
        expect(holdsAt(200 * SECOND, ...over, back)).to.equal(RELEASED);
        expect(holdsAt(210 * SECOND, ...over, back)).to.equal(NOBODY);
        expect(ledgerAfter([...over, back, [210 * SECOND, present({})]]).size).to.equal(0);
      });

      it('should hold again at the rejoin where that is wanted', () => {
        const back: Step[] = [
          [200 * SECOND, present({ caller: 'PA_2' })],
          [200 * SECOND, hold('caller', 'PA_2')],
        ];
        expect(holdsAt(300 * SECOND, ...over, ...back)).to.equal(HELD);
      });
    });
  }

  it('should release a target who comes back without a hold', () => {
    const steps: Step[] = [
      [0, hold()],
      [SECOND, present({})],
      [30 * SECOND, present({ caller: 'PA_2' })],
      [30 * SECOND, release('caller', 'PA_2')],
    ];
    expect(holdsAt(40 * SECOND - 1, ...steps)).to.equal(RELEASED);
    expect(holdsAt(40 * SECOND, ...steps)).to.equal(NOBODY);
  });

  describe('when somebody who was released rejoins', () => {
    const freed: Step[] = [
      [0, hold()],
      [SECOND, release()],
    ];
    const rejoins = {
      'while it is still being given back': 5 * SECOND,
      'long after': 600 * SECOND,
    };
    for (const [when, at] of Object.entries(rejoins)) {
      it(`should give back for 10 s more, ${when}`, () => {
        const steps: Step[] = [...freed, [at, present({ caller: 'PA_2' })]];
        expect(holdsAt(at, ...steps)).to.equal(RELEASED);
        expect(holdsAt(at + 10 * SECOND - 1, ...steps)).to.equal(RELEASED);
        expect(holdsAt(at + 10 * SECOND, ...steps)).to.equal(NOBODY);
      });
    }

    it('should count from the first moment of the new stay', () => {
      const steps: Step[] = [
        ...freed,
        [20 * SECOND, present({ caller: 'PA_2' })],
        [25 * SECOND, present({ caller: 'PA_2' })],
      ];
      expect(holdsAt(30 * SECOND - 1, ...steps)).to.equal(RELEASED);
      expect(holdsAt(30 * SECOND, ...steps)).to.equal(NOBODY);
    });

    it('should do so whether they were lost or left on purpose', () => {
      const away: Step[] = [...freed, [20 * SECOND, present({})]];
      const back: Step = [90 * SECOND, present({ caller: 'PA_2' })];
      expect(holdsAt(90 * SECOND, ...away, back)).to.equal(RELEASED);
      expect(holdsAt(90 * SECOND, ...away, [20 * SECOND, departed()], back)).to.equal(RELEASED);
    });

    it('should not do so for somebody who is seen again in the same stay', () => {
      const seen: Step[] = [
        ...freed,
        [20 * SECOND, present({})],
        [30 * SECOND, present({ caller: 'PA_1' })],
      ];
      expect(holdsAt(30 * SECOND, ...seen)).to.equal(NOBODY);
    });

    it('should do so once, and then forget', () => {
      const steps: Step[] = [
        ...freed,
        [20 * SECOND, present({ caller: 'PA_2' })],
        [30 * SECOND, present({ caller: 'PA_3' })],
      ];
      expect(holdsAt(30 * SECOND, ...steps)).to.equal(NOBODY);
      expect(ledgerAfter(steps).size, 'remembered').to.equal(0);
    });
  });

  it('should keep two targets apart', () => {
    const steps: Step[] = [
      [0, hold('caller')],
      [0, hold('callee', 'PA_2')],
      [SECOND, release('callee', 'PA_2')],
    ];
    expect(holdsAt(SECOND, ...steps)).to.equal('held: caller; released: callee');
    expect(holdsAt(SECOND, ...steps.slice(0, 2))).to.equal('held: caller,callee');
    expect(holdsAt(SECOND, ...steps.slice(0, 2), [SECOND, departed()])).to.equal(
      'held: caller,callee; absent: caller',
    );
  });

  it('should leave the ledger that it is given as it is', () => {
    const ledger = ledgerAfter([[0, hold()]]);
    for (const event of [release(), departed(), present({}), hold('callee')]) {
      nextHolds(ledger, event, SECOND);
    }
    expect(activeHolds(ledger, SECOND)).to.deep.equal({
      held: new Set(['caller']),
      absent: new Set(),
      released: new Set(),
    });
  });
});
