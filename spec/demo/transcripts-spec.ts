import { expect } from 'chai';

import { firstWithin } from '../../demo/firstWithin.js';
import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const WITHIN = 10_000;

describe('the transcripts of a participant', function () {
  this.timeout(60_000);
  const server = useLiveKitServer();
  let alice: DemoParticipant;
  let bob: DemoParticipant;

  beforeEach(async () => {
    const room = `room-${Math.random()}`;
    alice = await joinRoom(server(), { room, identity: 'alice', kind: 'agent' });
    bob = await joinRoom(server(), { room, identity: 'bob' });
  });
  afterEach(() => Promise.all([alice.leave(), bob.leave()]));

  it('should be the data packets of their topic, with sender and arrival', async () => {
    const since = now();
    const send = (topic: string, text: string) =>
      alice.room.localParticipant!.publishData(new TextEncoder().encode(text), {
        reliable: true,
        topic,
      });
    await send('chat', '{"text":"no transcript"}');
    await send('transcript', '{"text":"Hello."}');
    const { at, from, packet } = await firstWithin(bob.transcripts, WITHIN, 'a transcript');
    expect([from, packet]).to.deep.equal(['alice', { text: 'Hello.' }]);
    expect(at).to.be.within(since, now());
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
