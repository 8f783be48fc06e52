import { ParticipantInfo_Kind } from '@livekit/protocol';
import { expect } from 'chai';
import { AgentDispatch, ParticipantInfo, Room, ServerError } from 'livekit-server-sdk';
import { lastValueFrom } from 'rxjs';
import type { LostBot } from '../../lib/lostBot.js';
import { type Patience, succeed } from '../../lib/succeed.js';
import { silentLogger } from '../support/silentLogger.js';

/** A hundredth of the product's. */
const PATIENCE: Patience = { arrival: 50, lookEvery: 5, attempts: 4, between: 10 };
const LOST: LostBot = {
  ...{ room: 'call-1', roomSid: 'RM_1', identity: 'media-bot-1', attributes: {}, stay: 60_000 },
};
const DISPATCH = AgentDispatch.fromJson({
  ...{ id: 'AD_1', agentName: 'media-bot', room: 'call-1', metadata: '{"call":7}' },
  state: { jobs: [{ room: { sid: 'RM_1' }, state: { participantIdentity: 'media-bot-1' } }] },
});

const person = (identity: string, kind: ParticipantInfo_Kind) =>
  ParticipantInfo.fromJson({ identity, kind: ParticipantInfo_Kind[kind] });
const CALLER = person('caller', ParticipantInfo_Kind.SIP);
const SUCCESSOR = person('media-bot-2', ParticipantInfo_Kind.AGENT);

describe('succeed', () => {
  let people: ParticipantInfo[];
  let room: Room | undefined;
  let listed: AgentDispatch[];
  /** What is done at each dispatch; the last again and again. */
  let taken: (() => void)[];
  /** Requests that fail before one succeeds. */
  let faults: number;
  let created: string[];

  beforeEach(() => {
    people = [CALLER];
    room = new Room({ name: 'call-1', sid: 'RM_1' });
    listed = [DISPATCH];
    taken = [() => people.push(SUCCESSOR)];
    faults = 0;
    created = [];
  });

  const request = <T>(answer: () => T): Promise<T> => {
    faults -= 1;
    if (faults >= 0) return Promise.reject(new ServerError('Unavailable', 'away', 503));
    return Promise.resolve().then(answer);
  };
  const deps = {
    agentName: 'media-bot',
    logger: silentLogger(),
    rooms: {
      listRooms: () => request(() => (room === undefined ? [] : [room])),
      listParticipants: () => request(() => [...people]),
    },
    dispatches: {
      listDispatch: () => request(() => listed),
      deleteDispatch: () =>
        request(() => {
          if (listed.length === 0)
            throw new ServerError('Not Found', 'not there', 404, 'not_found');
          listed = [];
        }),
      createDispatch: (_room: string, _name: string, { metadata = '' } = {}) =>
        request(() => {
          created.push(metadata);
          taken[Math.min(created.length, taken.length) - 1]!();
          return DISPATCH;
        }),
    },
  };
  /** What it emits, or the message of its error. */
  const outcome = (asked = deps) =>
    lastValueFrom(succeed(LOST, asked, PATIENCE), { defaultValue: 'none needed' }).catch(
      (error: unknown) => (error as Error).message,
    );

  it('should bring another bot, which goes on with what the lost one had', async () => {
    expect(await outcome()).to.equal('dispatched');
    expect(created.map((metadata): unknown => JSON.parse(metadata))).to.deep.equal([
      { call: 7, lost_bots: ['media-bot-1'] },
    ]);
  });

  it('should be done once, however many are told', async () => {
    await Promise.all([outcome(), outcome(), outcome(), outcome()]);
    await outcome();
    expect(created).to.have.lengthOf(1);
  });

  it('should dispatch nobody where another bot is there, and not later on, either', async () => {
    people.push(SUCCESSOR);
    expect(await outcome()).to.equal('none needed');
    people = [CALLER];
    expect(await outcome()).to.equal('none needed');
    expect(created).to.deep.equal([]);
  });

  it('should leave a bot alone that is back itself, and see to it when it is lost again', async () => {
    people.push(person(LOST.identity, ParticipantInfo_Kind.AGENT));
    expect(await outcome()).to.equal('none needed');
    expect(created).to.deep.equal([]);
    people = [CALLER];
    expect(await outcome()).to.equal('dispatched');
  });

  it('should do nothing where nobody is left but agents and recorders', async () => {
    people = [
      person('scribe', ParticipantInfo_Kind.AGENT),
      person('EG_1', ParticipantInfo_Kind.EGRESS),
    ];
    expect(await outcome()).to.equal('none needed');
    expect(created).to.deep.equal([]);
  });

  for (const kind of ['STANDARD', 'SIP', 'CONNECTOR'] as const) {
    it(`should do it for somebody of kind ${kind}`, async () => {
      people = [person('somebody', ParticipantInfo_Kind[kind])];
      await outcome();
      expect(created).to.have.lengthOf(1);
    });
  }

  it('should do nothing where the room is closed, or another one of its name', async () => {
    room = undefined;
    expect(await outcome()).to.equal('none needed');
    room = new Room({ name: 'call-1', sid: 'RM_2' });
    expect(await outcome()).to.equal('none needed');
    expect(created).to.deep.equal([]);
  });

  it('should do nothing where the dispatch was deleted', async () => {
    listed = [];
    expect(await outcome()).to.equal('none needed');
    expect(created).to.deep.equal([]);
  });

  it('should dispatch again until a worker takes it', async () => {
    taken = [() => undefined, () => undefined, () => people.push(SUCCESSOR)];
    expect(await outcome()).to.equal('dispatched');
    expect(created).to.have.lengthOf(3);
  });

  it('should stop when everybody leaves meanwhile', async () => {
    taken = [() => (people = [])];
    expect(await outcome()).to.equal('none needed');
    expect(created).to.have.lengthOf(1);
  });

  it('should say in the end that no worker has taken it', async () => {
    taken = [() => undefined];
    expect(await outcome()).to.equal('no worker has taken the dispatch');
    expect(created).to.have.lengthOf(PATIENCE.attempts);
  });

  it('should outlive an API that is away for a while', async () => {
    faults = 5;
    expect(await outcome()).to.equal('dispatched');
    expect(created).to.have.lengthOf(1);
  });

  it('should say in the end that the API is away', async () => {
    faults = 100;
    expect(await outcome()).to.equal('away');
  });

  it('should act where it does not hear whether the dispatch was deleted', async () => {
    const { dispatches } = deps;
    const deleteDispatch = () => Promise.reject(new ServerError('Timeout', 'late', 408));
    const deaf = { ...deps, dispatches: { ...dispatches, deleteDispatch } };
    expect(await outcome(deaf)).to.equal('dispatched');
    expect(created).to.have.lengthOf(1);
  });

  it('should give up a call that has lost three bots in a row', async () => {
    const again = DISPATCH.clone();
    again.metadata = '{"lost_bots":["a","b","c"]}';
    listed = [again];
    expect(await outcome()).to.equal('the call has lost too many bots in a row');
    expect(created).to.deep.equal([]);
  });
});
