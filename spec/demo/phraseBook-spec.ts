import { readFile } from 'node:fs/promises';

import { expect } from 'chai';
import { MPEGDecoder } from 'mpg123-decoder';

import { concatSamples } from '../../demo/concatSamples.js';
import { decodeWav, type WavAudio } from '../../demo/providers/decodeWav.js';
import { createPhraseBook, type PhraseBook } from '../../demo/providers/phraseBook.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { seededRandom } from '../support/seededRandom.js';

const RATE = 16_000;
const SILENCE = new Int16Array(0.3 * RATE);

describe('phraseBook', function () {
  this.timeout(30_000);
  let phrases: readonly Phrase[];
  let book: PhraseBook;

  before(async () => {
    phrases = await loadPhrases();
    book = createPhraseBook(phrases);
  });

  const understood = (samples: Int16Array) => book.recognise(samples, RATE);
  const phrase = (name: string) => phrases.find(({ file }) => file === `${name}.wav`)!;
  const texts = () => phrases.map(({ text }) => text);
  /** What is understood of every phrase once something was done to it. */
  const distorted = (distort: (samples: Int16Array, n: number) => Int16Array) =>
    phrases.map(({ samples }, n) => understood(distort(samples, n)));

  it('should know phrases in English, French, German and Arabic, 1 to 4 s long', () => {
    const languages = new Set(phrases.map(({ language }) => language.split('-')[0]));
    expect([...languages]).to.have.members(['en', 'fr', 'de', 'ar']);
    for (const { startMs, endMs, samples, sampleRate } of phrases) {
      expect(endMs - startMs).to.be.within(1_000, 4_000);
      expect(samples.length / sampleRate).to.be.closeTo((endMs + 100) / 1_000, 0.01);
    }
  });

  it('should recognise every phrase between silence, however quiet', () => {
    const quiet = distorted((samples) => concatSamples([SILENCE, louder(samples, 0.03), SILENCE]));
    expect(quiet).to.deep.equal(texts());
  });

  it('should recognise every phrase in noise 20 dB below it', () => {
    const noisy = distorted((samples) => {
      const heard = concatSamples([SILENCE, samples, SILENCE]);
      return sum(heard, noise(heard.length, 0.17 * rms(samples)));
    });
    expect(noisy).to.deep.equal(texts());
  });

  it('should recognise every phrase that lacks 20 ms', () => {
    const cut = distorted((samples) =>
      concatSamples([samples.slice(0, RATE), samples.slice(1.02 * RATE)]),
    );
    expect(cut).to.deep.equal(texts());
  });

  it('should recognise a phrase behind a click', () => {
    const { samples, text } = phrase('de-cancel');
    const click = noise(0.02 * RATE, 4_000);
    expect(understood(concatSamples([SILENCE, click, SILENCE, samples]))).to.equal(text);
  });

  it('should recognise a phrase at 8 and at 48 kHz', () => {
    const { samples, text } = phrase('en-angry');
    const slow = samples.filter((_, n) => n % 2 === 0);
    const fast = Int16Array.from({ length: 3 * samples.length }, (_, n) => between(samples, n / 3));
    expect(book.recognise(slow, 8_000)).to.equal(text);
    expect(book.recognise(fast, 48_000)).to.equal(text);
  });

  for (const name of ['en-angry-sfu', 'fr-thanks-opus12', 'ar-waiting-loss5']) {
    it(`should recognise ${name}, which has been through Opus`, async () => {
      const { samples, sampleRate } = await fixture(name);
      const { text } = phrase(name.slice(0, name.lastIndexOf('-')));
      expect(book.recognise(samples, sampleRate)).to.equal(text);
    });
  }

  it('should recognise phrases that follow one another', () => {
    const [first, second, third] = ['de-thanks', 'ar-bad', 'en-check'].map(phrase);
    const heard = concatSamples([first!.samples, SILENCE, second!.samples, third!.samples]);
    expect(understood(heard)).to.equal(`${first!.text} ${second!.text} ${third!.text}`);
  });

  it('should understand nothing of a phrase without its first third', () => {
    const beheaded = distorted((samples) => samples.slice(samples.length / 3));
    expect(beheaded.every((text) => text === undefined)).to.equal(true);
  });

  it('should understand nothing of a phrase without its last third', () => {
    const broken = distorted((samples) => samples.slice(0, (2 * samples.length) / 3));
    expect(broken.every((text) => text === undefined)).to.equal(true);
  });

  it('should understand nothing when a whole phrase is followed by half a one', () => {
    const half = phrase('fr-cancel').samples.slice(0, RATE);
    expect(understood(concatSamples([phrase('en-order').samples, SILENCE, half]))).to.equal(
      undefined,
    );
  });

  for (const ms of [0, 150, 500]) {
    it(`should understand nothing of two voices at once, the second ${ms} ms later`, () => {
      const later = new Int16Array((ms * RATE) / 1_000);
      for (const distance of [1, 5, 11]) {
        const mixed = distorted((samples, n) =>
          sum(samples, concatSamples([later, phrases[(n + distance) % phrases.length]!.samples])),
        );
        expect(mixed.every((text) => text === undefined)).to.equal(true);
      }
    });
  }

  it('should understand nothing of speech backwards', () => {
    const backwards = distorted((samples) => samples.slice().reverse());
    expect(backwards.every((text) => text === undefined)).to.equal(true);
  });

  it('should understand nothing of a phrase that it does not know', () => {
    const other = createPhraseBook(phrases.filter(({ file }) => !file.startsWith('en-')));
    for (const { samples, language } of phrases) {
      if (!language.startsWith('en')) continue;
      expect(other.recognise(samples, RATE)).to.equal(undefined);
    }
  });

  it('should understand nothing of music, noise, silence and no audio at all', async () => {
    const music = await holdMusic();
    expect(book.recognise(music.samples, music.sampleRate)).to.equal(undefined);
    expect(understood(noise(3 * RATE, 4_000))).to.equal(undefined);
    expect(understood(SILENCE)).to.equal(undefined);
    expect(understood(new Int16Array())).to.equal(undefined);
  });
});

async function fixture(name: string): Promise<WavAudio> {
  return decodeWav(await readFile(new URL(`../fixtures/phrases/${name}.wav`, import.meta.url)));
}

/** Three seconds of it. */
async function holdMusic(): Promise<WavAudio> {
  const mp3 = await readFile(new URL('../../demo/assets/hold-music.mp3', import.meta.url));
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const { channelData, sampleRate } = decoder.decode(mp3);
  decoder.free();
  const piece = channelData[0]!.subarray(0, 3 * sampleRate);
  return { samples: Int16Array.from(piece, (sample) => 32_767 * sample), sampleRate };
}

function louder(samples: Int16Array, gain: number): Int16Array {
  return samples.map((sample) => sample * gain);
}

function sum(a: Int16Array, b: Int16Array): Int16Array {
  const length = Math.max(a.length, b.length);
  return Int16Array.from({ length }, (_, n) => (a[n] ?? 0) + (b[n] ?? 0));
}

function noise(length: number, amplitude: number): Int16Array {
  const random = seededRandom(1);
  return Int16Array.from({ length }, () => (2 * random() - 1) * amplitude);
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((energy, sample) => energy + sample ** 2, 0) / samples.length);
}

/** The sample at a place between two. */
function between(samples: Int16Array, place: number): number {
  const [before, after] = [samples[Math.floor(place)]!, samples[Math.ceil(place)] ?? 0];
  return before + (after - before) * (place % 1);
}
