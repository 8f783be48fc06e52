import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createMp3DecoderPool } from '../../../lib/engines/mp3.js';
import { MediaError } from '../../../operators/mediaError.js';
import type { Hertz, Samples } from '../../../operators/types.js';
import { decodeFile, openDecoder, readMp3 } from '../../support/mp3Files.js';
import { seededRandom } from '../../support/seededRandom.js';
import { processorTime } from '../../support/processorTime.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** File, samples, rate: each file is a second long; without a tag its lead and tail stay. */
const playable: readonly (readonly [file: string, samples: Samples, rate: Hertz])[] = [
  ['stereo44k-cbr128', 44_100, 44_100],
  ['stereo44k-vbr2', 44_100, 44_100],
  ['stereo44k-ffmpeg', 44_100, 44_100],
  ['stereo44k-notag', 46_080, 44_100],
  ['mono48k-cbr64', 48_000, 48_000],
  ['mono24k-cbr48', 25_344, 24_000],
  ['mono24k-cbr160', 24_000, 24_000],
  ['mono22k-cbr32', 23_616, 22_050],
  ['mono22k-vbr4', 22_050, 22_050],
  ['mono22k-abr64', 22_050, 22_050],
  ['mono16k-cbr32', 17_280, 16_000],
  ['mono16k-vbr4', 16_000, 16_000],
  ['mono8k-cbr16', 9_216, 8_000],
  ['mono8k-vbr4', 8_000, 8_000],
];

const foreign: readonly (readonly [file: string, reason: string])[] = [
  ['wav', 'this is a RIFF (WAV) file, not an MP3'],
  ['ogg', 'this is an Ogg file, not an MP3'],
  ['flac', 'this is a FLAC file, not an MP3'],
  ['m4a', 'this is an MP4 file, not an MP3'],
  ['aac', 'no MPEG Layer III audio found'],
  ['layer2', 'no MPEG Layer III audio found'],
  ['freeformat400', 'no MPEG Layer III audio found'],
];

const base = readMp3('stereo44k-cbr128');
const BASE_SAMPLES = 44_100;
const MIDDLE = 8_000;
const FRAME_SAMPLES = 1_152;

const noise = (length: number, seed = 1) => {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
};

const insert = (bytes: Buffer, at = MIDDLE) =>
  Buffer.concat([base.subarray(0, at), bytes, base.subarray(at)]);

const overwrite = (bytes: Buffer, at = MIDDLE) => {
  const damaged = Buffer.from(base);
  bytes.copy(damaged, at);
  return damaged;
};

/** An ID3v2.3 tag with `length` bytes of a picture, which says that it has `claimed`. */
const id3v2 = (length: number, claimed = length) => {
  const tag = Buffer.alloc(10 + length);
  tag.write('ID3\x03');
  for (let i = 0; i < 4; i++) tag[6 + i] = (claimed >>> (7 * (3 - i))) & 127;
  tag.write('APIC', 10);
  noise(Math.min(length - 4, 4_000)).copy(tag, 14);
  return tag;
};

const id3v1 = Buffer.concat([Buffer.from('TAGTitle'), Buffer.alloc(120)]);
const apev2 = Buffer.concat([
  Buffer.from('APETAGEX'),
  Buffer.alloc(24),
  noise(3_000),
  Buffer.from('APETAGEX'),
  Buffer.alloc(24),
]);

/** The samples of a canonical WAV file: 16 bits behind a header of 44 bytes. */
const pcmOf = (wav: Buffer) =>
  Int16Array.from({ length: (wav.length - 44) / 2 }, (_, i) => wav.readInt16LE(44 + 2 * i));

/** Three frames whose LAME tag says that all of their samples are the encoder's delay. */
const delayOnly = () => {
  const file = Buffer.from(base.subarray(0, 1_300));
  file.fill(0xff, file.indexOf('LAME') + 21, file.indexOf('LAME') + 24);
  return file;
};

const samplesOf = async (bytes: Uint8Array) => (await decodeFile(bytes)).samples.length;

async function expectRefusal(bytes: Uint8Array, reason: string): Promise<void> {
  const failure: unknown = await decodeFile(bytes).catch((error: unknown) => error);
  expect(failure).to.be.instanceOf(MediaError);
  expect(String(failure)).to.equal(`asset_undecodable: ${reason}`);
}

describe('openMp3Decoder', () => {
  describe('given a real file', () => {
    for (const [file, samples, rate] of playable) {
      it(`should play ${file} with exactly ${samples} samples at ${rate} Hz`, async () => {
        const decoded = await decodeFile(readMp3(file));
        expect(decoded.rates).to.deep.equal([rate]);
        expect(decoded.samples).to.have.length(samples);
        // Sources are sines at a peak of 0.35; two that are mixed to mono keep a peak of 0.25 to 0.35.
        expect(Math.max(...decoded.samples)).to.be.within(8_000, 12_500);
      });
    }

    for (const [file, reason] of foreign) {
      it(`should refuse ${file}`, () => expectRefusal(readMp3(file), reason));
    }
  });

  describe('given a LAME tag', () => {
    const source = pcmOf(readMp3('wav'));

    it('should begin with the first sample of the source and end with its last', async () => {
      const { samples } = await decodeFile(readMp3('mono8k-vbr4'));
      expect(samples).to.have.length(source.length);
      const error = (lag: number) =>
        samples.reduce((sum, sample, i) => sum + (sample - (source[i + lag] ?? 0)) ** 2, 0);
      const best = [-3, -2, -1, 0, 1, 2, 3].sort((a, b) => error(a) - error(b))[0];
      expect(best).to.equal(0);
      const power = source.reduce((sum, sample) => sum + sample ** 2, 0);
      expect(10 * Math.log10(power / error(0))).to.be.above(20);
    });
  });

  describe('given a tag', () => {
    const tagged: readonly (readonly [name: string, bytes: () => Buffer])[] = [
      ['ID3v2 of 1 MB', () => Buffer.concat([id3v2(MIB), base])],
      ['ID3v2 of 15 MB', () => Buffer.concat([id3v2(15 * MIB), base])],
      ['ID3v2 of 20 MB', () => Buffer.concat([id3v2(20 * MIB), base])],
      ['ID3v2 that claims 200 MB', () => Buffer.concat([id3v2(1_000, 200 * MIB), base])],
      ['ID3v2 that claims nothing', () => Buffer.concat([id3v2(1_000, 0), base])],
      ['ID3v1', () => Buffer.concat([base, id3v1])],
      ['APEv2', () => Buffer.concat([base, apev2])],
      ['ID3v2, APEv2 and ID3v1', () => Buffer.concat([id3v2(5_000), base, apev2, id3v1])],
    ];
    for (const [name, bytes] of tagged) {
      it(`should play exactly the audio next to ${name}`, async () => {
        expect(await samplesOf(bytes())).to.equal(BASE_SAMPLES);
      });
    }
  });

  describe('given damage', () => {
    const within: readonly (readonly [string, Buffer, min: Samples, max: Samples])[] = [
      ['a prefix of 100 B', insert(noise(100), 0), BASE_SAMPLES, BASE_SAMPLES],
      ['a prefix of 10 kB', insert(noise(10_000), 0), BASE_SAMPLES, BASE_SAMPLES],
      ['5 kB of zeros inserted', insert(Buffer.alloc(5_000)), BASE_SAMPLES, BASE_SAMPLES],
      ['5 kB of noise inserted', insert(noise(5_000)), BASE_SAMPLES, BASE_SAMPLES],
      ['1 MB of noise inserted', insert(noise(1_000_000)), BASE_SAMPLES, BASE_SAMPLES],
      // 12 frames are hit, and at most four more are lost until the headers agree again.
      ['5 kB of zeros in the middle', overwrite(Buffer.alloc(5_000)), 27_000, 33_000],
      ['5 kB of noise in the middle', overwrite(noise(5_000)), 27_000, 33_000],
      [
        '1,000 B dropped',
        Buffer.concat([base.subarray(0, MIDDLE), base.subarray(MIDDLE + 1_000)]),
        BASE_SAMPLES - 6 * FRAME_SAMPLES,
        BASE_SAMPLES - 2 * FRAME_SAMPLES,
      ],
      ['the same file again', Buffer.concat([base, base]), 2 * BASE_SAMPLES, 91_332],
      // 24 whole frames, of which the tag is one, less the encoder's delay of 1,105 samples.
      ['its end cut off in mid-frame', base.subarray(0, 10_250), 25_391, 25_391],
    ];
    for (const [name, bytes, min, max] of within) {
      it(`should play a file with ${name}`, async () => {
        expect(await samplesOf(bytes)).to.be.within(min, max);
      });
    }

    it('should play a file with 200 flipped bits', async () => {
      const damaged = Buffer.from(base);
      const random = seededRandom(2);
      for (let i = 0; i < 200; i++) {
        const at = 500 + Math.floor(random() * (base.length - 500));
        damaged[at]! ^= 1 << Math.floor(random() * 8);
      }
      expect(await samplesOf(damaged)).to.be.within(BASE_SAMPLES / 2, BASE_SAMPLES);
    });

    it('should refuse a file whose second half has another rate', async () => {
      const other = readMp3('mono22k-vbr4');
      await expectRefusal(Buffer.concat([base, other]), 'the sample rate changes');
      await expectRefusal(Buffer.concat([other, base]), 'the sample rate changes');
    });
  });

  describe('given no audio', () => {
    const nothing: readonly (readonly [name: string, bytes: Buffer, reason?: string])[] = [
      ['an empty file', Buffer.alloc(0)],
      ['a single byte', Buffer.of(0xff)],
      ['a single frame', base.subarray(0, 417)],
      ['two frames and a bit', base.subarray(0, 1_050)],
      ['a prefix of 100 kB', insert(noise(100_000), 0)],
      ['a prefix of 2 MB', insert(noise(2_000_000), 0)],
      ['a prefix of 100 kB of zeros', insert(Buffer.alloc(100_000), 0)],
      ['random bytes', noise(300_000)],
      ['an ID3v2 tag alone', id3v2(5_000)],
      ['frames that are encoder delay', delayOnly(), 'the file holds no audio'],
      ['HTML', Buffer.from('<!DOCTYPE html><p>404'), 'this is a page of HTML or XML, not an MP3'],
      ['JSON', Buffer.from('{"error":"no such key"}'), 'this is JSON, not an MP3'],
    ];
    for (const [name, bytes, reason = 'no MPEG Layer III audio found'] of nothing) {
      it(`should refuse ${name}`, () => expectRefusal(bytes, reason));
    }
  });

  it('should give frames of at most 100 ms that own their buffers', async () => {
    const decoder = await openDecoder();
    const frames = decoder.decode(readMp3('mono8k-cbr16'));
    decoder.close();
    expect(frames).to.have.length(12);
    for (const { samples } of frames) {
      expect(samples.length).to.be.within(1, 800);
      expect(samples.byteLength).to.equal(samples.buffer.byteLength);
    }
  });

  it('should give the same samples whatever the size of the pieces', async () => {
    const whole = (await decodeFile(base)).samples;
    for (const size of [97, 417, 5_000]) {
      const decoder = await openDecoder();
      const samples: number[] = [];
      for (let start = 0; start < base.length; start += size) {
        const frames = decoder.decode(base.subarray(start, start + size));
        for (const frame of frames) samples.push(...frame.samples);
      }
      decoder.close();
      expect(Int16Array.from(samples), `pieces of ${size}`).to.deep.equal(whole);
    }
  });

  it('should throw when used after close, which may come twice', async () => {
    const decoder = await openDecoder();
    decoder.close();
    decoder.close();
    expect(() => decoder.decode(base)).to.throw('the MP3 decoder is closed');
  });

  it('should keep several decoders apart', async () => {
    const files = ['stereo44k-cbr128', 'mono8k-vbr4', 'mono48k-cbr64'];
    const decoded = await Promise.all(files.map((file) => decodeFile(readMp3(file))));
    expect(decoded.map(({ rates }) => rates[0])).to.deep.equal([44_100, 8_000, 48_000]);
    expect(decoded.map(({ samples }) => samples.length)).to.deep.equal([44_100, 8_000, 48_000]);
  });

  it('should never hold the event loop for long', async () => {
    const bytes = Buffer.concat(Array<Buffer>(120).fill(readMp3('stereo44k-notag')));
    const done = new AbortController();
    const decoding = decodeFile(bytes).finally(() => done.abort());
    let longest = 0;
    while (!done.signal.aborted) {
      const worked = processorTime();
      await nextTurn();
      longest = Math.max(longest, worked());
    }
    const { samples } = await decoding;
    expect(samples.length / 44_100).to.be.above(120);
    expect(longest, 'longest turn in ms').to.be.below(250);
  });
});

describe('createMp3DecoderPool', () => {
  it('should give every taker a decoder of its own', async () => {
    const open = createMp3DecoderPool();
    const [one, two] = await Promise.all([openDecoder(open), openDecoder(open)]);
    expect(one).to.not.equal(two);
    one.close();
    expect(two.decode(base)).to.not.be.empty;
    two.close();
  });

  it('should decode like any other decoder, again and again', async () => {
    const open = createMp3DecoderPool();
    for (let i = 0; i < 3; i++) {
      expect((await decodeFile(base, open)).samples).to.have.length(BASE_SAMPLES);
    }
  });

  it('should serve the next one after an opening that was given up', async () => {
    const open = createMp3DecoderPool();
    open().subscribe().unsubscribe();
    expect((await decodeFile(base, open)).samples).to.have.length(BASE_SAMPLES);
  });

  it('should have one ready before the event loop turns', async () => {
    const open = createMp3DecoderPool();
    // Decoders that were asked for later are ready: so is the spare.
    for (let i = 0; i < 3; i++) await openDecoder();
    const order: string[] = [];
    const turn = nextTurn().then(() => order.push('turn'));
    const opened = openDecoder(open).then(() => order.push('opened'));
    await Promise.all([turn, opened]);
    expect(order).to.deep.equal(['opened', 'turn']);
  });
});
