import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { firstWithin } from '../../demo/firstWithin.js';
import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { transcriptPacket } from '../../operators/transcriptPacket.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const WITHIN = 10_000;
const HELLO = transcriptPacket(
  {
    id: randomUUID(),
    text: 'Hello.',
    language: undefined,
    confidence: undefined,
    ...{ provider: 'deepgram', model: 'nova-3', startMs: 1, endMs: 2, held: false },
    sentiment: { compound: 0, pos: 0, neu: 1, neg: 0, label: 'unknown', supported: false },
    speaker: { identity: 'carol', name: '', kind: 'SIP', trackSid: 'TR_1' },
    commandId: '',
  },
  { session: 'PA_1', room: 'room' },
  1,
);

describe('the transcripts of a participant', function () {
  this.timeout(60_000);
  const server = useLiveKitServer();
  let alice: DemoParticipant;
  let bob: DemoParticipant;

  beforeEach(async () => {
    const room = `room-${Math.random()}`;
    alice = await joinRoom(server(), { room, identity: 'media-bot-alice', kind: 'agent' });
    bob = await joinRoom(server(), { room, identity: 'bob' });
  });
  afterEach(() => Promise.all([alice.leave(), bob.leave()]));

  const send = (topic: string, packet: object) =>
    alice.room.localParticipant!.publishData(new TextEncoder().encode(JSON.stringify(packet)), {
      reliable: true,
      topic,
    });

  it('should be the data packets of their topic, with sender and arrival', async () => {
    const since = now();
    await send('chat', { text: 'no transcript' });
    await send('transcript', HELLO);
    const { at, from, packet } = await firstWithin(bob.transcripts, WITHIN, 'a transcript');
    expect([from, packet]).to.deep.equal(['media-bot-alice', HELLO]);
    expect(at).to.be.within(since, now());
  });

  it('should fail with a packet that breaks the contract', async () => {
    await send('transcript', { ...HELLO, seq: '1' });
    const error = await firstWithin(bob.transcripts, WITHIN, 'a transcript').catch(
      (error: unknown) => String((error as Error).cause),
    );
    expect(error).to.include('transcript/seq must be integer');
  });

  it('should be text streams too, on behalf of the speaker', async () => {
    const writer = await alice.room.localParticipant!.streamText({
      topic: 'lk.transcription',
      senderIdentity: 'carol',
      attributes: { 'lk.segment_id': 'one' },
    });
    await writer.write('Good');
    await writer.write('bye.');
    await writer.close();
    const { from, text, attributes } = await firstWithin(bob.captions, WITHIN, 'a caption');
    expect([from, text]).to.deep.equal(['carol', 'Goodbye.']);
    expect(attributes).to.include({ 'lk.segment_id': 'one' });
  });
});
