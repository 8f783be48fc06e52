import { expect } from 'chai';
import { Job, ParticipantInfo, ParticipantInfo_Kind, type WorkerMessage } from '@livekit/protocol';
import type { RoomServiceClient } from 'livekit-server-sdk';
import { BehaviorSubject, firstValueFrom } from 'rxjs';
import { admit, type AdmittedCalls, type Circumstances } from '../../lib/admission.js';
import { answerJob } from '../../lib/answerJob.js';
import { decline } from '../../lib/workerMessages.js';
import { silentLogger } from '../support/silentLogger.js';

const IDLE: Omit<Circumstances, 'calls' | 'now'> = {
  draining: false,
  warmHosts: 2,
  load: 0,
  loadThreshold: 0.75,
  loadPerCall: 0.1,
  memory: 0,
  memoryLimit: 2 ** 29,
};
const NOBODY: AdmittedCalls = new Map();
const call = { room: 'room', identity: 'media-bot-1', admittedAt: 0 };
/** A bot of another worker; those that the server lists live in `spec/lib/pingBots-spec`. */
const bot = (identity: string, joinedAtMs: number, attributes: Record<string, string> = {}) =>
  new ParticipantInfo({
    identity,
    kind: ParticipantInfo_Kind.AGENT,
    joinedAtMs: BigInt(joinedAtMs),
    attributes,
  });
const [older, newer] = [bot('media-bot-2', 2), bot('media-bot-3', 3)];
const alive = bot('media-bot-2', 2, { 'media-bot.alive': 'yes' });

/** What the server lists when it is asked first, and after that. */
type Listed = readonly [now: readonly ParticipantInfo[], then?: readonly ParticipantInfo[]];

const attributesOf = (answer: WorkerMessage | undefined) => {
  const message = answer?.message;
  if (message?.case !== 'availability') throw new Error('no answer to the job');
  return message.value.participantAttributes;
};

describe('answerJob', () => {
  let counted: string[];
  beforeEach(() => {
    counted = [];
  });
  const metrics = {
    answered: (refusal: string | undefined) => void counted.push(refusal ?? 'accepted'),
  };
  const answer = (
    circumstances: Partial<typeof IDLE> = {},
    calls = NOBODY,
    [now, then = now]: Listed = [[]],
    handoverFrom?: string,
  ) => {
    let looks = 0;
    const rooms = {
      listParticipants: () => Promise.resolve((looks += 1) === 1 ? now : then),
      sendData: () => Promise.resolve(),
    } as unknown as RoomServiceClient;
    const metadata = JSON.stringify({ handover_from: handoverFrom });
    return firstValueFrom(
      answerJob(
        new Job({ id: 'AJ', room: { name: 'room' }, metadata }),
        { ...IDLE, ...circumstances },
        {
          agentName: 'media-bot',
          rooms,
          logger: silentLogger(),
          metrics,
          calls$: new BehaviorSubject(calls),
        },
      ),
      { defaultValue: undefined },
    );
  };

  it('should accept a job, and count it', async () => {
    const { message } = (await answer())!;
    expect(message.case).to.equal('availability');
    expect(message.value).to.include({ jobId: 'AJ', available: true });
    expect(counted).to.deep.equal(['accepted']);
  });

  const refused: readonly [string, Parameters<typeof answer>, boolean, string][] = [
    ['a room that has its bot here', [{}, admit(NOBODY, 'AJ_0', call)], true, 'bot_present'],
    ['a room that has its bot elsewhere', [{}, NOBODY, [[older], [alive]]], true, 'bot_present'],
    ['a room to which a bot comes', [{}, NOBODY, [[older], [older, newer]]], true, 'bot_present'],
    ['a job that comes too late', [{ draining: true }], false, 'draining'],
    ['a job that comes too early', [{ warmHosts: 0 }], false, 'no_host'],
    ['a job too many', [{ load: 0.8 }], false, 'overloaded'],
  ];
  for (const [what, given, final, reason] of refused) {
    it(`should turn away ${what}, and count why`, async () => {
      expect(await answer(...given)).to.deep.equal(decline('AJ', final));
      expect(counted).to.deep.equal([reason]);
    });
  }

  it('should name the room that has its bot as such, whatever else speaks against it', async () => {
    await answer({ draining: true }, admit(NOBODY, 'AJ_0', call));
    expect(counted).to.deep.equal(['bot_present']);
  });

  it('should take the call of a bot that is dead, which is relieved', async () => {
    expect(attributesOf(await answer({}, NOBODY, [[older]]))).to.deep.equal({
      'lk.agent_name': 'media-bot',
      'media-bot.relieves': 'media-bot-2',
    });
    expect(counted).to.deep.equal(['accepted']);
  });

  it('should relieve the one that joined last of those that are dead', async () => {
    expect(attributesOf(await answer({}, NOBODY, [[newer, older]]))).to.deep.equal({
      'lk.agent_name': 'media-bot',
      'media-bot.relieves': 'media-bot-3',
      'media-bot.outlives': 'media-bot-2',
    });
  });

  it('should relieve nobody where the bot has left meanwhile', async () => {
    expect(attributesOf(await answer({}, NOBODY, [[older], []]))).to.deep.equal({
      'lk.agent_name': 'media-bot',
    });
  });

  it('should relieve the one that it is to relieve, whoever else is dead', async () => {
    const listed: Listed = [[older, newer]];
    expect(attributesOf(await answer({}, NOBODY, listed, 'media-bot-2'))).to.deep.equal({
      'lk.agent_name': 'media-bot',
      'media-bot.relieves': 'media-bot-2',
      'media-bot.outlives': 'media-bot-3',
    });
  });
});
