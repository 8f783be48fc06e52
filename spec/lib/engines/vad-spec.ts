import '../../../demo/participants/quietRtcNode.js';

import { readFile } from 'node:fs/promises';

import { expect } from 'chai';
import {
  endWith,
  from,
  lastValueFrom,
  mergeWith,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { openMp3Decoder } from '../../../lib/engines/mp3.js';
import { createSoxrResampler } from '../../../lib/engines/resampler.js';
import { createDetectSpeech, loadVoiceDetection } from '../../../lib/engines/vad.js';
import type { Hertz, Milliseconds, PcmFrame, SpeechFrame } from '../../../operators/types.js';
import { collect } from '../../support/collect.js';
import { flatFrame, joinSamples } from '../../support/frames.js';
import { seededRandom } from '../../support/seededRandom.js';

const RATE: Hertz = 16_000;
const SECOND = RATE;

function at16k(samples: Int16Array, sampleRate: Hertz): Int16Array {
  const resampler = createSoxrResampler(sampleRate, RATE);
  const frames = [...resampler.push({ samples, sampleRate }), ...resampler.flush()];
  resampler.close();
  return joinSamples(frames);
}

async function recorded(name: string): Promise<Int16Array> {
  const wav = await readFile(new URL(`../../fixtures/speech/${name}.wav`, import.meta.url));
  const data = wav.subarray(44);
  return at16k(
    new Int16Array(data.length / 2).map((_, i) => data.readInt16LE(2 * i)),
    8_000,
  );
}

async function holdMusic(): Promise<Int16Array> {
  const mp3 = await readFile(new URL('../../../demo/assets/hold-music.mp3', import.meta.url));
  const pieces = Array.from({ length: Math.ceil(mp3.length / 16_384) }, (_, i) =>
    mp3.subarray(i * 16_384, (i + 1) * 16_384),
  );
  const decoder = await firstWithin(openMp3Decoder(), 20_000, 'an MP3 decoder');
  const frames = pieces.flatMap((piece) => decoder.decode(piece));
  decoder.close();
  return at16k(joinSamples(frames), frames[0]!.sampleRate).slice(0, 8 * SECOND);
}

function noise(amplitude: number): Int16Array {
  const random = seededRandom(1);
  return new Int16Array(5 * SECOND).map(() => amplitude * (2 * random() - 1));
}

function framesOf(samples: Int16Array, ms: Milliseconds): PcmFrame[] {
  const length = (ms * RATE) / 1000;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, i) => ({
    samples: samples.slice(i * length, (i + 1) * length),
    sampleRate: RATE,
  }));
}

const all = <T>(source: Observable<T>) =>
  lastValueFrom(source.pipe(toArray()), { defaultValue: [] });
const failureOf = (source: Observable<unknown>) =>
  all(source).then(
    () => undefined,
    (error: unknown) => error,
  );
const judge = (frames: readonly PcmFrame[]) => all(createDetectSpeech()(from(frames)));

const shareOfSpeech = (judged: readonly SpeechFrame[]) =>
  judged.filter(({ probability }) => probability >= 0.5).length / judged.length;

describe('createDetectSpeech', function () {
  // Loading the model takes a second, and longer on a busy machine.
  this.timeout(30_000);
  let speech: Record<'en' | 'fr', Int16Array>;

  before(async () => {
    speech = { en: await recorded('en'), fr: await recorded('fr') };
    await loadVoiceDetection();
  });

  for (const language of ['en', 'fr'] as const) {
    it(`should hear speech of telephone quality, however quiet: ${language}`, async () => {
      for (const gain of [1, 0.1, 0.01]) {
        const judged = await judge(
          framesOf(
            speech[language].map((s) => gain * s),
            50,
          ),
        );
        expect(shareOfSpeech(judged), `gain ${gain}`).to.be.above(0.75);
      }
    });
  }

  it('should hear no speech in silence, noise and hold music', async () => {
    const sounds = { silence: new Int16Array(5 * SECOND), hiss: noise(100), roar: noise(8_000) };
    for (const [name, samples] of Object.entries({ ...sounds, music: await holdMusic() })) {
      expect(shareOfSpeech(await judge(framesOf(samples, 50))), name).to.be.below(0.02);
    }
  });

  it('should give every frame back, in order, whatever their length', async () => {
    const shares: number[] = [];
    for (const ms of [10, 20, 32, 50, 100]) {
      const frames = framesOf(speech.en, ms);
      const judged = await judge(frames);
      expect(judged.map(({ frame }) => frame)).to.deep.equal(frames);
      shares.push(shareOfSpeech(judged));
    }
    expect(Math.max(...shares) - Math.min(...shares)).to.be.below(0.1);
  });

  it('should judge each voice by itself', async () => {
    const [english, french] = [framesOf(speech.en, 50), framesOf(speech.fr, 50)];
    const together = await Promise.all([judge(english), judge(french)]);
    expect(together).to.deep.equal([await judge(english), await judge(french)]);
  });

  it('should take no process and nothing else that keeps this one alive', async () => {
    // A timer there is in any case: the test runner's own.
    const resources = () => process.getActiveResourcesInfo().filter((name) => name !== 'Timeout');
    const before = resources();
    await judge(framesOf(speech.fr, 50));
    // What specs before this one have left may be gone by now.
    const added = resources();
    for (const name of before) {
      if (added.includes(name)) added.splice(added.indexOf(name), 1);
    }
    expect(added).to.deep.equal([]);
  });

  it('should stop in mid-speech when unsubscribed, and leave no rejection behind', async () => {
    const judged = await all(createDetectSpeech()(from(framesOf(speech.en, 50))).pipe(take(3)));
    expect(judged).to.have.length(3);
    // What is under way in the model would come back by now.
    expect(await judge(framesOf(speech.fr, 50))).not.to.be.empty;
  });

  it('should pass on completion, an error, and silence', async () => {
    expect(await judge([])).to.deep.equal([]);
    const error = new Error('spec');
    expect(await failureOf(createDetectSpeech()(throwError(() => error)))).to.equal(error);
  });

  it('should refuse a voice at another rate', async () => {
    const frames = of(flatFrame(0, 800, 8_000));
    expect(await failureOf(createDetectSpeech()(frames))).to.be.instanceOf(RangeError);
  });
});

describe('createDetectSpeech, with a scripted model', () => {
  /** A model that answers 0.1, 0.2 …, as soon as it is opened. */
  function scripted() {
    const [calls, opened] = [{ judged: 0, closed: 0 }, new Subject<never>()];
    const detect = createDetectSpeech(async () => {
      await lastValueFrom(opened, { defaultValue: undefined });
      return {
        judge: () => Promise.resolve(++calls.judged / 10),
        close: () => void (calls.closed += 1),
      };
    });
    return { calls, opened, detect };
  }
  const settled = () => new Promise(setImmediate);
  const frame = (ms: Milliseconds) => flatFrame(0, (ms * RATE) / 1000, RATE);
  const probabilities = (judged: readonly SpeechFrame[]) =>
    judged.map(({ probability }) => probability);

  const judgeAll = async (lengths: readonly Milliseconds[]) => {
    const { opened, detect } = scripted();
    opened.complete();
    return probabilities(await all(detect(from(lengths.map(frame)))));
  };

  it('should judge a frame by the window in which it ends, and those it has gone through', async () => {
    expect(await judgeAll([32, 32, 32])).to.deep.equal([0.1, 0.2, 0.3]);
    expect(await judgeAll([96, 64])).to.deep.equal([0.3, 0.5]);
    expect(await judgeAll([16, 16, 16, 16])).to.deep.equal([0.1, 0.1, 0.2, 0.2]);
    expect(await judgeAll([50, 50, 28])).to.deep.equal([0.2, 0.4, 0.4]);
  });

  it('should take what ends without a window for what was before it', async () => {
    expect(await judgeAll([32, 10, 10])).to.deep.equal([0.1, 0.1, 0.1]);
    expect(await judgeAll([10])).to.deep.equal([0]);
  });

  it('should keep what comes while the model is being loaded', async () => {
    const [source, { opened, detect, calls }] = [new Subject<PcmFrame>(), scripted()];
    const judged = collect(detect(source));
    for (let i = 0; i < 20; i++) source.next(frame(32));
    await settled();
    expect(judged).to.have.length(0);
    opened.complete();
    await settled();
    expect(judged).to.have.length(20);
    expect(calls.closed).to.equal(0);
  });

  it('should close the model once at the end, however it comes', async () => {
    const done = scripted();
    done.opened.complete();
    await all(done.detect(of(frame(32))));
    const failing = scripted();
    failing.opened.complete();
    await failureOf(failing.detect(throwError(() => new Error('spec'))));
    const left = scripted();
    left.opened.complete();
    left.detect(NEVER).subscribe().unsubscribe();
    await settled();
    expect([done, failing, left].map(({ calls }) => calls.closed)).to.deep.equal([1, 1, 1]);
  });

  it('should close a model that is loaded after the unsubscription, and judge nothing', async () => {
    const { calls, opened, detect } = scripted();
    detect(of(frame(96)).pipe(endWith(frame(32)), mergeWith(NEVER)))
      .subscribe()
      .unsubscribe();
    opened.complete();
    await settled();
    expect(calls).to.deep.equal({ judged: 0, closed: 1 });
  });

  it('should fail when the model cannot be loaded, once there is something to judge', async () => {
    const error = new Error('no model');
    const detect = createDetectSpeech(() => Promise.reject(error));
    expect(await failureOf(detect(of(frame(32))))).to.equal(error);
    detect(NEVER).subscribe().unsubscribe();
    await settled();
  });

  it('should fail rather than keep more than 10 s of what the model has not judged', () => {
    const { detect, calls } = scripted();
    const errors: unknown[] = [];
    const source = new Subject<PcmFrame>();
    detect(source).subscribe({ error: (error: unknown) => errors.push(error) });
    for (let i = 0; i < 100; i++) source.next(frame(100));
    expect(errors).to.deep.equal([]);
    source.next(frame(10));
    expect(errors.map(String)).to.deep.equal(['Error: voice detection falls behind']);
    expect(calls.judged).to.equal(0);
  });
});
