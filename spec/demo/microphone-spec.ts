import '../../demo/participants/quietRtcNode.js';

import { AudioStream } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, Subject } from 'rxjs';

import { concatSamples } from '../../demo/concatSamples.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { now } from '../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import type { Spoken } from '../../demo/participants/mouth.js';
import type { RecordedPhrase } from '../../demo/providers/phraseBook.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { forgivingPhraseBook } from '../support/forgivingPhraseBook.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const WITHIN = 20_000;
/** -50 dBFS: a soft beginning of the phrases, which have -24 on average. */
const LOUD = 100;
const WINDOW_MS = 10;
/** A pause that a busy machine does not make by itself in the middle of what is said. */
const QUIET_MS = 1_000;

/** When the native source of somebody's microphone really sent its loud windows. */
function sentBy({ room }: DemoParticipant) {
  const [publication] = [...room.localParticipant!.trackPublications.values()];
  const options = { sampleRate: 48_000, numChannels: 1, frameSizeMs: WINDOW_MS };
  const reader = new AudioStream(publication!.track!, options).getReader();
  const windows: { readonly arrived: number; readonly isLoud: boolean }[] = [];
  const arrivals = new Subject<number>();
  const read = async (): Promise<void> => {
    const { value } = await reader.read();
    if (value === undefined) return;
    const window = { arrived: now(), isLoud: value.data.some((s) => Math.abs(s) > LOUD) };
    windows.push(window);
    arrivals.next(window.arrived);
    return read();
  };
  void read();
  return {
    arrivals,
    loud: () => {
      // The source's clock is even, but for what it leaves out where it was given nothing; and what
      // comes late has been waiting for this process. So a later one may tell when this one left.
      let epoch = Infinity;
      const left = windows.map(({ arrived }, n) => arrived - n * WINDOW_MS).reverse();
      const epochs = left.map((each) => (epoch = Math.min(epoch, each))).reverse();
      const times = epochs.map((each, n) => each + n * WINDOW_MS);
      return times.filter((_, n) => windows[n]!.isLoud);
    },
    close: () => reader.cancel(),
  };
}

/** Two phrases, one after the other, as one. */
const joined = (first: Phrase, second: Phrase): RecordedPhrase => ({
  ...first,
  text: `${first.text} ${second.text}`,
  samples: concatSamples([first.samples, second.samples]),
});
/** Where a busy machine lets the source run dry in the middle of a phrase, that one is off. */
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

describe('the microphone of a participant', function () {
  this.timeout(60_000);
  const server = useLiveKitServer();
  let phrases: readonly Phrase[];
  let alice: DemoParticipant;
  let bob: DemoParticipant;

  before(async () => {
    phrases = await loadPhrases();
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

  /** Resolves when bob hears the microphone: what is said before he is subscribed is lost to him. */
  const heard = async () => {
    await alice.speak(0);
    await firstWithin(bob.heard, WITHIN, 'the microphone');
  };

  it('should say phrases that are heard as they are, one after the other', async () => {
    await heard();
    const since = now();
    const said = ['en-thanks', 'fr-tomorrow'].map((name) => alice.say(phrase(name)));
    const [first, second] = await Promise.all(said);
    expect(second!.startMs - first!.endMs).to.be.within(195, 240);
    await bob.waitForSilence({ from: 'alice', since, quietMs: QUIET_MS, within: WITHIN });
    const pairs = phrases.flatMap((other) => [
      joined(phrase('en-thanks'), other),
      joined(phrase('fr-tomorrow'), other),
      joined(other, phrase('en-thanks')),
      joined(other, phrase('fr-tomorrow')),
    ]);
    const texts = forgivingPhraseBook(pairs).recognise(heardFrom('alice', since), 48_000);
    expect(texts).to.equal(`${phrase('en-thanks').text} ${phrase('fr-tomorrow').text}`);
  });

  it('should tell when a phrase left the microphone, to 20 ms', async () => {
    await alice.speak(0);
    const sent = sentBy(alice);
    const said: Spoken[] = [];
    for (const name of ['en-cancel', 'ar-waiting', 'de-cancel', 'fr-tomorrow', 'ar-waiting']) {
      said.push(await alice.say(phrase(name)));
    }
    const end = now() + 1_000;
    await firstWithin(sent.arrivals.pipe(filter((at) => at > end)), WITHIN, 'sound later on');
    const errors = said.map(({ startMs, endMs }) => {
      const loud = sent.loud().filter((at) => at > startMs - 100 && at < endMs + 100);
      return [loud[0]! - startMs, loud.at(-1)! + WINDOW_MS - endMs] as const;
    });
    expect(median(errors.map(([start]) => start))).to.be.within(-20, 20);
    expect(median(errors.map(([, end]) => end))).to.be.within(-20, 20);
    await sent.close();
  });

  it('should cut off what is being said, and what waits, when it is withdrawn', async () => {
    await heard();
    const since = now();
    const said = Promise.all([alice.say(phrase('en-cancel')), alice.say(phrase('en-thanks'))]);
    await bob.waitForSound({ from: 'alice', since, within: WITHIN });
    await alice.unpublish();
    const [first, second] = await said;
    // It would take over three seconds; a busy machine is heard late.
    expect(first.endMs - first.startMs).to.be.within(0, 2_000);
    expect(second).to.deep.equal({ startMs: first.endMs, endMs: first.endMs });
    await alice.say(phrase('en-patience'));
    const last = await bob.waitForSilence({ from: 'alice', since: now() - 200, within: WITHIN });
    expect(last).to.be.above(first.endMs);
  });
});
