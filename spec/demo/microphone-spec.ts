import '../../demo/participants/quietRtcNode.js';

import { AudioStream } from '@livekit/rtc-node';
import { expect } from 'chai';

import { concatSamples } from '../../demo/concatSamples.js';
import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { createPhraseBook, type PhraseBook } from '../../demo/providers/phraseBook.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const WITHIN = 10_000;
/** -50 dBFS: a soft beginning of the phrases, which have -24 on average. */
const LOUD = 100;
const WINDOW_MS = 10;

/** The loud windows that the native source of somebody's microphone really sends, and when. */
function sentBy({ room }: DemoParticipant) {
  const [publication] = [...room.localParticipant!.trackPublications.values()];
  const options = { sampleRate: 48_000, numChannels: 1, frameSizeMs: WINDOW_MS };
  const reader = new AudioStream(publication!.track!, options).getReader();
  const loud: number[] = [];
  let [count, epoch] = [0, Infinity];
  return {
    until: async (time: number) => {
      do {
        const { data } = (await reader.read()).value!;
        // The source's clock is even; what comes late has been waiting for this process.
        epoch = Math.min(epoch, now() - count * WINDOW_MS);
        if (data.some((sample) => Math.abs(sample) > LOUD)) loud.push(count);
        count += 1;
      } while (epoch + count * WINDOW_MS < time);
      return loud.map((window) => ({ at: epoch + window * WINDOW_MS }));
    },
    close: () => reader.cancel(),
  };
}

describe('the microphone of a participant', function () {
  this.timeout(60_000);
  const server = useLiveKitServer();
  let phrases: readonly Phrase[];
  let book: PhraseBook;
  let alice: DemoParticipant;
  let bob: DemoParticipant;

  before(async () => {
    phrases = await loadPhrases();
    book = createPhraseBook(phrases);
  });
  beforeEach(async () => {
    const room = `room-${Math.random()}`;
    alice = await joinRoom(server(), { room, identity: 'alice', kind: 'sip' });
    bob = await joinRoom(server(), { room, identity: 'bob' });
  });
  afterEach(() => Promise.all([alice.leave(), bob.leave()]));

  const phrase = (name: string) => phrases.find(({ file }) => file === `${name}.wav`)!;
  const heardFrom = (identity: string, since: number) =>
    concatSamples(bob.heardSince(since, identity).map(({ samples }) => samples));

  it('should say phrases that are heard as they are, one after the other', async () => {
    const since = now();
    const said = ['en-thanks', 'fr-tomorrow'].map((name) => alice.say(phrase(name)));
    const [first, second] = await Promise.all(said);
    expect(second!.startMs - first!.endMs).to.be.within(195, 240);
    await bob.waitForSilence({ from: 'alice', since, within: WITHIN });
    const texts = book.recognise(heardFrom('alice', since), 48_000);
    expect(texts).to.equal(`${phrase('en-thanks').text} ${phrase('fr-tomorrow').text}`);
  });

  it('should tell when a phrase left the microphone, to 20 ms', async () => {
    await alice.speak(0);
    const sent = sentBy(alice);
    for (const name of ['en-cancel', 'ar-waiting', 'de-cancel']) {
      const { startMs, endMs } = await alice.say(phrase(name));
      const loud = (await sent.until(endMs + 200)).filter(({ at }) => at > startMs - 100);
      expect(loud[0]!.at - startMs, `start of ${name}`).to.be.within(-20, 20);
      expect(loud.at(-1)!.at + WINDOW_MS - endMs, `end of ${name}`).to.be.within(-20, 20);
    }
    await sent.close();
  });

  it('should cut off what is being said, and what waits, when it is withdrawn', async () => {
    const since = now();
    const said = Promise.all([alice.say(phrase('en-cancel')), alice.say(phrase('en-thanks'))]);
    await bob.waitForSound({ from: 'alice', since, within: WITHIN });
    await alice.unpublish();
    const [first, second] = await said;
    expect(first.endMs - first.startMs).to.be.within(0, 1_000);
    expect(second).to.deep.equal({ startMs: first.endMs, endMs: first.endMs });
    await alice.say(phrase('en-patience'));
    const heard = await bob.waitForSilence({ from: 'alice', since: now() - 200, within: WITHIN });
    expect(heard).to.be.above(first.endMs);
  });
});
