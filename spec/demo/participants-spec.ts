import { expect } from 'chai';

import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { levelDbfs, recognizeTone } from '../../demo/toneRecognizer.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const KNOWN = [425, 600, 1_000];
const WITHIN = 20_000;
/** A pause that a busy machine does not make by itself. */
const QUIET_MS = 1_000;

describe('joinRoom', function () {
  this.timeout(60_000);
  const server = useLiveKitServer();
  let room: string;
  let alice: DemoParticipant;
  let bob: DemoParticipant;

  beforeEach(async () => {
    room = `room-${Math.random()}`;
    alice = await joinRoom(server(), { room, identity: 'alice', kind: 'sip' });
    bob = await joinRoom(server(), { room, identity: 'bob' });
  });
  afterEach(() => Promise.all([alice.leave(), bob.leave()]));

  it('should hear which tone another participant whistles, and from whom', async () => {
    const since = now();
    await alice.speak(600);
    const heard = await bob.waitForTone(600, { since, within: WITHIN });
    expect(heard.from).to.equal('alice');
    expect(heard.at).to.be.within(since, now());
    await alice.speak(1_000);
    const { at } = await bob.waitForTone(1_000, { within: WITHIN });
    const later = bob.heardSince(at + 100, 'alice');
    for (const { samples } of later) expect(recognizeTone(samples, KNOWN)?.hz).to.equal(1_000);
  });

  it('should hear silence as silence, and the tone again after it', async () => {
    await alice.speak(600);
    await bob.waitForTone(600, { within: WITHIN });
    const hushed = now();
    await alice.speak(0);
    const last = await bob.waitForSilence({ since: hushed, quietMs: QUIET_MS, within: WITHIN });
    expect(last - hushed).to.be.within(0, 1_000);
    const quiet = bob.heardSince(last + 100);
    expect(quiet).not.to.deep.equal([]);
    for (const { samples } of quiet) expect(levelDbfs(samples)).to.be.below(-60);
    await alice.speak(600);
    await bob.waitForTone(600, { within: WITHIN });
  });

  it('should hear silence when the microphone is gone, and another one after it', async () => {
    await alice.speak(600);
    await bob.waitForTone(600, { within: WITHIN });
    await alice.unpublish();
    const since = now();
    await bob.waitForSilence({ since, within: WITHIN });
    await alice.speak(425);
    await bob.waitForTone(425, { since, within: WITHIN });
  });

  it('should tell two speakers apart', async () => {
    const carol = await joinRoom(server(), { room, identity: 'carol' });
    await Promise.all([alice.speak(600), bob.speak(1_000)]);
    const listening = { since: 0, within: WITHIN };
    expect((await carol.waitForTone(600, listening)).from).to.equal('alice');
    expect((await carol.waitForTone(1_000, listening)).from).to.equal('bob');
    const wrong = await carol
      .waitForTone(1_000, { from: 'alice', since: 0, within: 300 })
      .catch(String);
    await carol.leave();
    expect(wrong)
      .to.match(/carol did not hear 1000 Hz/)
      .and.to.match(/alice\/microphone at -(\d+|Infinity) dBFS.*; there are .*alice\/microphone/);
  });

  it('should hear those who spoke before it joined', async () => {
    await alice.speak(600);
    await bob.waitForTone(600, { within: WITHIN });
    const carol = await joinRoom(server(), { room, identity: 'carol' });
    await carol.waitForTone(600, { since: 0, within: WITHIN });
    await carol.leave();
  });

  it('should say that nothing was heard, rather than wait for ever', async () => {
    const failure = await bob.waitForSound({ within: 200 }).catch(String);
    expect(failure).to.match(/bob did not hear any sound within 200 ms: no track/);
  });

  it('should not let a participant change its own attributes, unless its token says so', async () => {
    const dave = await joinRoom(server(), { room, identity: 'dave', canUpdateOwnMetadata: true });
    await dave.room.localParticipant!.setAttributes({ colour: 'red' });
    const seen = await bob.waitForAttributes('dave', ({ colour }) => colour === 'red', WITHIN);
    await dave.leave();
    expect(seen).to.deep.equal({ colour: 'red' });
    // The client library does not report the refusal, so something later is waited for.
    await alice.room.localParticipant!.setAttributes({ colour: 'red' });
    await alice.speak(600);
    await bob.waitForTone(600, { within: WITHIN });
    expect(bob.room.remoteParticipants.get('alice')!.attributes).to.deep.equal({});
  });
});
