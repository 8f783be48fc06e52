import { expect } from 'chai';
import { Job, ParticipantInfo, ParticipantInfo_Kind } from '@livekit/protocol';
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
const bot = new ParticipantInfo({ identity: 'media-bot-2', kind: ParticipantInfo_Kind.AGENT });

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
    people: readonly ParticipantInfo[] = [],
  ) =>
    firstValueFrom(
      answerJob(
        new Job({ id: 'AJ', room: { name: 'room' } }),
        { ...IDLE, ...circumstances },
        {
          agentName: 'media-bot',
          rooms: {
            listParticipants: () => Promise.resolve(people),
          } as unknown as RoomServiceClient,
          logger: silentLogger(),
          metrics,
          calls$: new BehaviorSubject(calls),
        },
      ),
      { defaultValue: undefined },
    );

  it('should accept a job, and count it', async () => {
    const { message } = (await answer())!;
    expect(message.case).to.equal('availability');
    expect(message.value).to.include({ jobId: 'AJ', available: true });
    expect(counted).to.deep.equal(['accepted']);
  });

  const refused: readonly [string, Parameters<typeof answer>, boolean, string][] = [
    ['a room that has its bot here', [{}, admit(NOBODY, 'AJ_0', call)], true, 'bot_present'],
    ['a room that has its bot elsewhere', [{}, NOBODY, [bot]], true, 'bot_present'],
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
});
