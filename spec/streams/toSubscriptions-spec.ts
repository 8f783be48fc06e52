import { expect } from 'chai';
import { type RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import {
  concat,
  EMPTY,
  filter,
  ignoreElements,
  map,
  NEVER,
  type Observable,
  of,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { now } from '../../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { TokenRequest } from '../../demo/participants/mintToken.js';
import type { SubscriptionChange } from '../../operators/isolationPlan.js';
import { type SubscriptionTarget, toSubscriptions } from '../../streams/toSubscriptions.js';
import { openScene, type Scene, SOON } from '../support/scene.js';
import { notHeard } from '../support/notHeard.js';
import { createTestScheduler } from '../support/testScheduler.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

type Changes = readonly SubscriptionChange[];

const hold = (listener: string, ...hide: string[]): SubscriptionChange => ({
  listener,
  stay: `PA_${listener}`,
  held: true,
  hide,
  show: [],
});
const release = (listener: string, ...show: string[]): SubscriptionChange => ({
  listener,
  stay: `PA_${listener}`,
  held: false,
  hide: [],
  show,
});

/** How the server answers one request. */
type Answer = () => Observable<unknown>;
const yes: Answer = () => of(undefined);
const no: Answer = () => throwError(() => new Error('unavailable'));
const never: Answer = () => NEVER;
const late =
  (ms: number): Answer =>
  () =>
    timer(ms);

/** How a server answers; of several answers each is given once, the last one from then on. */
interface Script {
  /** For each listener by itself. */
  readonly subscriptions?: readonly Answer[];
  readonly permissions?: readonly Answer[];
  readonly participant?: readonly Answer[];
  readonly isPresent?: () => boolean;
  readonly wasSilenced?: boolean;
}

describe('toSubscriptions', () => {
  let rxTest: TestScheduler;
  /** What the server was asked and what came of it, each with the virtual millisecond. */
  let log: string[];
  const { random } = Math;
  beforeEach(() => {
    rxTest = createTestScheduler();
    log = [];
    // The longest delays that the jitter allows.
    Math.random = () => 1;
  });
  afterEach(() => {
    Math.random = random;
  });

  const note = (words: string) => log.push(`${rxTest.now()} ${words}`);
  const inTurn = (answers: readonly Answer[]) => {
    const asked = new Map<string, number>();
    return (listener: string) => {
      const turn = asked.get(listener) ?? 0;
      asked.set(listener, turn + 1);
      return (answers[turn] ?? answers.at(-1)!)();
    };
  };
  const target = (script: Script): SubscriptionTarget => {
    const subscriptions = inTurn(script.subscriptions ?? [yes]);
    const permissions = inTurn(script.permissions ?? [yes]);
    const participant = inTurn(script.participant ?? [yes]);
    const api = {
      updateSubscriptions: (_room: string, listener: string, sids: string[], on: boolean) => {
        note(`${listener} ${sids.map((sid) => (on ? '+' : '-') + sid).join(' ')}`);
        return subscriptions(listener);
      },
      getParticipant: (_room: string, listener: string) => {
        note(`${listener} get`);
        const permission = { canSubscribe: true, canPublish: true, hidden: false };
        return participant(listener).pipe(map(() => ({ permission })));
      },
      updateParticipant: (_room: string, listener: string, options: object) => {
        note(`${listener} set ${JSON.stringify(options).replaceAll('"', '')}`);
        return permissions(listener);
      },
    };
    return {
      // Promises have no place in virtual time; what they stand for has: an answer, later.
      api: api as unknown as RoomServiceClient,
      room: 'room',
      isPresent: script.isPresent ?? (() => true),
      wasSilenced: () => script.wasSilenced ?? false,
    };
  };
  /** Applies changes (marbles) for so many milliseconds, and tells all that was asked and came of it. */
  const applied = (
    marbles: string,
    changes: Readonly<Record<string, Changes>>,
    script: Script,
    ms: number,
  ): readonly string[] => {
    rxTest.run(({ hot, expectObservable }) => {
      const outcomes = hot(marbles, changes).pipe(
        toSubscriptions(target(script)),
        tap(({ type, change }) =>
          note(`${change.listener} ${change.held ? 'held' : 'released'}: ${type}`),
        ),
        ignoreElements(),
      );
      expectObservable(outcomes, `^ ${ms - 1}ms !`).toBe('-');
    });
    return log;
  };
  const permissionsIn = (lines: readonly string[]) =>
    lines.filter((line) => /get|set|silenced/.test(line));
  const h = [hold('caller', 'x')];
  const r = [release('caller', 'x')];
  const SILENCED = 'caller set {permission:{canSubscribe:false,canPublish:true,hidden:false}}';
  const GIVEN_BACK = SILENCED.replace('canSubscribe:false', 'canSubscribe:true');

  describe('asking', () => {
    it('should ask once where the server accepts', () => {
      expect(applied('h', { h }, {}, 20_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: accepted',
      ]);
    });

    it('should hide and show all tracks of a change, each in one request', () => {
      const c = [
        { listener: 'caller', stay: 'PA_caller', held: true, hide: ['x', 'y'], show: ['z'] },
      ];
      expect(applied('c', { c }, { subscriptions: [yes, late(50)] }, 20_000)).to.deep.equal([
        '0 caller -x -y',
        '0 caller +z',
        '50 caller held: accepted',
      ]);
    });

    it('should ask at once, not after a delay, when the listener has rejoined', () => {
      const r = [{ ...hold('caller', 'x'), stay: 'PA_again' }];
      const script = { subscriptions: [never, never, yes] };
      expect(applied('h 60ms r', { h, r }, script, 20_000)).to.include('61 caller -x');
    });

    it('should ask for both again where one of the two fails', () => {
      const c = [{ listener: 'caller', stay: 'PA_caller', held: true, hide: ['x'], show: ['z'] }];
      expect(applied('c', { c }, { subscriptions: [yes, no, yes] }, 20_000)).to.deep.equal([
        '0 caller -x',
        '0 caller +z',
        '0 caller held: failed',
        '100 caller -x',
        '100 caller +z',
        '100 caller held: accepted',
      ]);
    });

    it('should accept a change that names no track, without asking', () => {
      expect(applied('h', { h: [hold('caller')] }, {}, 20_000)).to.deep.equal([
        '0 caller held: accepted',
      ]);
    });

    it('should ask again when a change that was accepted is repeated', () => {
      expect(applied('h 29ms h', { h }, {}, 20_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: accepted',
        '30 caller -x',
        '30 caller held: accepted',
      ]);
    });

    it('should not ask more often for the repetition of one that was not', () => {
      const subscriptions = [no, never, yes];
      const marbles = 'h 49ms h 99ms h 49ms h';
      expect(applied(marbles, { h }, { subscriptions }, 4_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: failed',
        '100 caller -x',
        '300 caller -x',
        '300 caller held: accepted',
      ]);
    });

    it('should take a change for a new one where anything about it is new', () => {
      const changes = {
        h,
        y: [hold('caller', 'x', 'y')],
        s: [{ listener: 'caller', stay: 'PA_caller', held: true, hide: ['x', 'y'], show: ['z'] }],
        f: [{ listener: 'caller', stay: 'PA_caller', held: false, hide: ['x', 'y'], show: ['z'] }],
      };
      const lines = applied('h 9ms y 9ms s 9ms f', changes, { subscriptions: [never] }, 40);
      expect(lines).to.deep.equal([
        '0 caller -x',
        '10 caller -x -y',
        '20 caller -x -y',
        '20 caller +z',
        '30 caller -x -y',
        '30 caller +z',
      ]);
    });

    const backoff = {
      'at most 500 ms': [1, [0, 100, 300, 700, 1_200, 1_700, 2_200]],
      'half of that where chance has it so': [0, [0, 50, 150, 350, 600, 850, 1_100]],
    } as const;
    for (const [what, [chance, times]] of Object.entries(backoff)) {
      it(`should ask again until the server accepts, longer and longer apart, ${what}`, () => {
        Math.random = () => chance;
        const subscriptions = [...times.slice(1).map(() => no), yes];
        const asked = applied('h', { h }, { subscriptions }, 4_000);
        expect(asked).to.deep.equal(
          times.flatMap((ms) => [
            `${ms} caller -x`,
            `${ms} caller held: ${ms === times.at(-1) ? 'accepted' : 'failed'}`,
          ]),
        );
      });
    }

    it('should not wait for an answer before it asks again', () => {
      const subscriptions = [never, never, yes];
      expect(applied('h', { h }, { subscriptions }, 4_000)).to.deep.equal([
        '0 caller -x',
        '100 caller -x',
        '300 caller -x',
        '300 caller held: accepted',
      ]);
    });

    it('should be content with the answer to any of its requests', () => {
      const subscriptions = [late(250), never];
      expect(applied('h', { h }, { subscriptions }, 4_000)).to.deep.equal([
        '0 caller -x',
        '100 caller -x',
        '250 caller held: accepted',
      ]);
    });

    it('should forget a change, and the answers to it, when there is a new one', () => {
      const subscriptions = [no, late(500), no, yes];
      expect(applied('h 149ms r', { h, r }, { subscriptions }, 4_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: failed',
        '100 caller -x',
        '150 caller +x',
        '150 caller released: failed',
        '250 caller +x',
        '250 caller released: accepted',
      ]);
    });

    it('should not ask again for somebody who is not there', () => {
      const script = { subscriptions: [no], isPresent: () => false };
      expect(applied('h', { h }, script, 20_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: absent',
      ]);
    });

    it('should stop asking for somebody who leaves meanwhile, until there is a new change', () => {
      const script = { subscriptions: [no], isPresent: () => rxTest.now() < 200 };
      expect(applied('h 999ms h', { h }, script, 20_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: failed',
        '100 caller -x',
        '100 caller held: failed',
        '300 caller -x',
        '300 caller held: absent',
        '1000 caller -x',
        '1000 caller held: absent',
      ]);
    });

    it('should take each listener by itself', () => {
      const c = [hold('caller', 'x'), release('agent', 'y')];
      const d = [release('caller', 'x')];
      const script = { subscriptions: [no, never, yes] };
      expect(applied('c 149ms d', { c, d }, script, 4_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: failed',
        '0 agent +y',
        '0 agent released: failed',
        '100 caller -x',
        '100 agent +y',
        '150 caller +x',
        '150 caller released: accepted',
        '300 agent +y',
        '300 agent released: accepted',
      ]);
    });
  });

  describe('taking all subscriptions', () => {
    const failing: Readonly<Record<string, Script>> = {
      fails: { subscriptions: [no] },
      'is not answered': { subscriptions: [never] },
    };
    for (const [what, script] of Object.entries(failing)) {
      it(`should take them, and nothing else, at each 5 s for which a hold ${what}`, () => {
        const lines = applied('h', { h }, script, 10_001);
        expect(permissionsIn(lines)).to.deep.equal([
          '5000 caller get',
          `5000 ${SILENCED}`,
          '5000 caller held: silenced',
          '10000 caller get',
          `10000 ${SILENCED}`,
          '10000 caller held: silenced',
        ]);
      });
    }

    it('should go on asking after that', () => {
      const subscriptions = [...Array<Answer>(20).fill(no), yes];
      const lines = applied('h', { h }, { subscriptions }, 20_000);
      expect(permissionsIn(lines)).to.have.length(3);
      expect(lines.slice(-2)).to.deep.equal(['9200 caller -x', '9200 caller held: accepted']);
    });

    it('should count the 5 s through repetitions of the change', () => {
      const lines = applied('h 1s h 1s h 1s h 1s h', { h }, { subscriptions: [no] }, 6_000);
      expect(permissionsIn(lines).at(0)).to.equal('5000 caller get');
    });

    it('should count the 5 s anew once a change was accepted', () => {
      const subscriptions = [no, yes, no];
      const lines = applied('h 2999ms h', { h }, { subscriptions }, 8_001);
      expect(permissionsIn(lines)).to.deep.equal([
        '8000 caller get',
        `8000 ${SILENCED}`,
        '8000 caller held: silenced',
      ]);
    });

    const patient: Readonly<Record<string, [Changes, Script]>> = {
      'who is held, where that was accepted': [h, {}],
      'who is released, however long it fails': [r, { subscriptions: [no] }],
      'who is not there': [h, { subscriptions: [no], isPresent: () => false }],
    };
    for (const [whom, [change, script]] of Object.entries(patient)) {
      it(`should not take them from somebody ${whom}`, () => {
        expect(permissionsIn(applied('c', { c: change }, script, 20_000))).to.deep.equal([]);
      });
    }

    it('should take them at the next 5 s where the taking is not answered', () => {
      const script = { subscriptions: [no], participant: [never, yes] };
      expect(permissionsIn(applied('h', { h }, script, 12_000))).to.deep.equal([
        '5000 caller get',
        '10000 caller get',
        `10000 ${SILENCED}`,
        '10000 caller held: silenced',
      ]);
    });

    it('should give them back where the hold ends while they are being taken', () => {
      const script = { subscriptions: [no], permissions: [late(300), yes] };
      const lines = permissionsIn(applied('h 5099ms r', { h, r }, script, 5_150));
      expect(lines).to.include(`5000 ${SILENCED}`).and.include(`5100 ${GIVEN_BACK}`);
    });

    it('should give them back where the answer to the taking was lost', () => {
      const subscriptions = [...Array<Answer>(12).fill(no), yes];
      const script = { subscriptions, permissions: [never, yes] };
      const lines = permissionsIn(applied('h 8999ms r', { h, r }, script, 20_000));
      expect(lines).to.include(`5000 ${SILENCED}`).and.include(`9000 ${GIVEN_BACK}`);
    });

    it('should not take them where a hold ends before its 5 s do', () => {
      const lines = applied('h 4998ms r', { h, r }, { subscriptions: [no] }, 20_000);
      expect(permissionsIn(lines)).to.deep.equal([]);
    });

    it('should give them back before anything else at the end of the hold, once', () => {
      const subscriptions = [...Array<Answer>(12).fill(no), yes];
      const script = { subscriptions };
      const lines = applied('h 6999ms r 999ms r', { h, r }, script, 20_000);
      expect(lines.slice(lines.indexOf('7000 caller get'))).to.deep.equal([
        '7000 caller get',
        `7000 ${GIVEN_BACK}`,
        '7000 caller +x',
        '7000 caller released: accepted',
        '8000 caller +x',
        '8000 caller released: accepted',
      ]);
    });

    it('should not give them back while the hold lasts', () => {
      const subscriptions = [...Array<Answer>(12).fill(no), yes];
      const lines = applied('h 6999ms h', { h }, { subscriptions }, 20_000);
      expect(lines.slice(-2)).to.deep.equal(['7000 caller -x', '7000 caller held: accepted']);
      expect(lines.join()).not.to.include('canSubscribe:true');
    });

    it('should try again to give them back where that fails', () => {
      const script = { wasSilenced: true, permissions: [no, never, yes] };
      expect(applied('r', { r }, script, 20_000)).to.deep.equal([
        '0 caller get',
        `0 ${GIVEN_BACK}`,
        '0 caller released: failed',
        '100 caller get',
        `100 ${GIVEN_BACK}`,
        '300 caller get',
        `300 ${GIVEN_BACK}`,
        '300 caller +x',
        '300 caller released: accepted',
      ]);
    });

    it('should give back what an earlier bot has taken, where there is no hold any more', () => {
      expect(applied('h 99ms r', { h, r }, { wasSilenced: true }, 20_000)).to.deep.equal([
        '0 caller -x',
        '0 caller held: accepted',
        '100 caller get',
        `100 ${GIVEN_BACK}`,
        '100 caller +x',
        '100 caller released: accepted',
      ]);
    });

    const down: Readonly<Record<string, Script>> = {
      'the permissions cannot be read': { participant: [no] },
      'the permissions cannot be set': { permissions: [no] },
    };
    for (const [what, script] of Object.entries(down)) {
      it(`should go on where ${what} either, until the server is back`, () => {
        const subscriptions = [...Array<Answer>(30).fill(no), yes];
        const lines = applied('h', { h }, { ...script, subscriptions }, 20_000);
        expect(lines.filter((line) => line.endsWith('get'))).to.deep.equal([
          '5000 caller get',
          '10000 caller get',
        ]);
        expect(lines.join()).not.to.include('silenced');
        expect(lines.at(-1)).to.equal('14200 caller held: accepted');
      });
    }
  });

  describe('as a stream', () => {
    const outcome = (type: string, change: SubscriptionChange) => ({ type, change });

    it('should emit what came of a change, and the error that it failed with', () => {
      rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot(' h|         ', { h });
        const subs = '       ^!         ';
        const expected = '   f 99ms (a|)';
        const values = {
          f: { ...outcome('failed', h[0]!), error: new Error('unavailable') },
          a: outcome('accepted', h[0]!),
        };
        const result = source.pipe(toSubscriptions(target({ subscriptions: [no, yes] })));
        expectObservable(result).toBe(expected, values);
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('should complete with its source once every change was accepted', () => {
      rxTest.run(({ cold, expectObservable }) => {
        const source = cold('c|', { c: [hold('caller', 'x'), release('agent', 'y')] });
        const result = source.pipe(toSubscriptions(target({ subscriptions: [late(2)] })));
        const values = {
          h: outcome('accepted', h[0]!),
          r: outcome('accepted', release('agent', 'y')),
        };
        expectObservable(result).toBe('--(hr|)', values);
        expectObservable(EMPTY.pipe(toSubscriptions(target({})))).toBe('|');
      });
    });

    it('should stay silent with a source that does, and ask nothing for no changes', () => {
      rxTest.run(({ cold, expectObservable }) => {
        expectObservable(NEVER.pipe(toSubscriptions(target({})))).toBe('-');
        expectObservable(cold('e--|', { e: [] }).pipe(toSubscriptions(target({})))).toBe('---|');
      });
      expect(log).to.deep.equal([]);
    });

    it('should pass on an error of the source, and ask no more', () => {
      rxTest.run(({ hot, expectObservable }) => {
        const source = hot('h--#', { h });
        const result = source.pipe(toSubscriptions(target({ subscriptions: [never] })));
        expectObservable(result).toBe('---#');
      });
      expect(log).to.deep.equal(['0 caller -x']);
    });

    it('should pass on what is thrown where it asks who is there', () => {
      rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
        const error = new Error('spec');
        const isPresent = () => {
          throw error;
        };
        const source = hot('-h--', { h });
        const result = source.pipe(toSubscriptions(target({ subscriptions: [no], isPresent })));
        expectObservable(result).toBe('-#', undefined, error);
        expectSubscriptions(source.subscriptions).toBe('^!');
      });
    });

    it('should drop everything at once when unsubscribed', () => {
      rxTest.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const source = hot('    h', { h });
        const answer = cold('   -');
        const unsub = '         ^ 5499ms !';
        const script = { subscriptions: [no, () => answer], participant: [() => answer] };
        const result = source.pipe(toSubscriptions(target(script)), ignoreElements());
        expectObservable(result, unsub).toBe('-');
        expectSubscriptions(source.subscriptions).toBe(unsub);
        const asked = [
          100, 300, 700, 1_200, 1_700, 2_200, 2_700, 3_200, 3_700, 4_200, 4_700, 5_000,
        ];
        expectSubscriptions(answer.subscriptions).toBe(
          [...asked, 5_200].map((ms) => `${ms}ms ^ ${5_499 - ms}ms !`),
        );
      });
      expect(log.at(-1)).to.equal('5200 caller -x');
    });
  });
});

describe('toSubscriptions, with a real server', () => {
  const TONE = 800;
  const server = useLiveKitServer();
  let assets: AssetServer;
  let scene: Scene;
  let agent: DemoParticipant;
  let trackSid: string;

  before(async () => {
    assets = await startAssetServer();
  });
  after(() => assets.close());
  beforeEach(async () => {
    scene = await openScene(server(), assets);
    agent = await scene.join('agent');
    await agent.speak(TONE);
    [trackSid] = [...agent.room.localParticipant!.trackPublications.keys()] as [string];
  });
  afterEach(() => scene.close());

  const target = (
    api: SubscriptionTarget['api'] = scene.service.rooms,
    wasSilenced = false,
  ): SubscriptionTarget => ({
    api,
    room: scene.service.room,
    isPresent: () => true,
    wasSilenced: () => wasSilenced,
  });
  /** The outcome of one change that is not `failed`. */
  const outcome = (change: SubscriptionChange, to = target()) =>
    firstWithin(
      concat(of([change]), NEVER).pipe(
        toSubscriptions(to),
        map(({ type }) => type),
        filter((type) => type !== 'failed'),
      ),
      SOON,
      'an outcome',
    );
  /** Somebody joins, and hears the agent. */
  const listening = async (identity: string, request?: Partial<TokenRequest>) => {
    const person = await scene.join(identity, request);
    await person.waitForTone(TONE, { within: SOON });
    return person;
  };
  const hears = (person: DemoParticipant) =>
    person.waitForTone(TONE, { within: SOON, since: now() });
  const permissionOf = async (identity: string) => {
    const { permission } = await scene.service.rooms.getParticipant(scene.service.room, identity);
    return permission!;
  };

  it('should end what a listener hears, and nobody else, and bring it back', async () => {
    const caller = await listening('caller');
    const colleague = await listening('colleague');
    expect(await outcome(hold('caller', trackSid))).to.equal('accepted');
    // What is accepted is done later, and on a busy machine a voice may pause before that.
    await caller.waitForSilence({ within: SOON, quietMs: 2_000 });
    await hears(colleague);
    await notHeard(caller, TONE, 500);
    expect(await outcome(release('caller', trackSid))).to.equal('accepted');
    await hears(caller);
  });

  it('should take all subscriptions and keep every other permission, then give them back', async () => {
    const caller = await listening('caller', {
      canUpdateOwnMetadata: true,
      grants: { canPublishData: false, canPublishSources: [TrackSource.MICROPHONE] },
    });
    const { rooms } = scene.service;
    const before = await permissionOf('caller');
    expect(before).to.include({
      canSubscribe: true,
      canPublishData: false,
      canUpdateMetadata: true,
    });
    const broken = {
      updateSubscriptions: () => Promise.reject(new Error('unavailable')),
      getParticipant: rooms.getParticipant.bind(rooms),
      updateParticipant: rooms.updateParticipant.bind(rooms),
    };
    expect(await outcome(hold('caller', trackSid), target(broken))).to.equal('silenced');
    await caller.waitForSilence({ within: SOON });
    expect(await permissionOf('caller')).to.deep.equal(
      Object.assign(before.clone(), { canSubscribe: false }),
    );
    expect(await outcome(release('caller', trackSid), target(rooms, true))).to.equal('accepted');
    await hears(caller);
    expect(await permissionOf('caller')).to.deep.equal(before);
  });
});
