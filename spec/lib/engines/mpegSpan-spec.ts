import { expect } from 'chai';
import { MpegSpan } from '../../../lib/engines/mpegSpan.js';
import { MediaError } from '../../../operators/mediaError.js';
import { readMp3 } from '../../support/mp3Files.js';

const file = readMp3('stereo44k-notag');
/** 128 kbit/s at 44.1 kHz, without padding. */
const FRAME_BYTES = 417;

function spanOf(bytes: Buffer, chunkBytes: number): Buffer {
  const span = new MpegSpan();
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    parts.push(span.push(bytes.subarray(start, start + chunkBytes)));
  }
  span.flush();
  return Buffer.concat(parts);
}

describe('MpegSpan', () => {
  it('should pass a bare file as it is, in chunks of any size', () => {
    for (const size of [1, 7, FRAME_BYTES, 1_000, 16_384, file.length]) {
      expect(spanOf(file, size).equals(file), `chunks of ${size}`).to.equal(true);
    }
  });

  it('should release the first frames as soon as four headers agree', () => {
    const span = new MpegSpan();
    const fourthHeader = file.indexOf(file.subarray(0, 2), 3 * FRAME_BYTES) + 4;
    expect(span.push(file.subarray(0, fourthHeader - 1))).to.have.length(0);
    expect(span.push(file.subarray(fourthHeader - 1, fourthHeader))).to.have.length(
      fourthHeader - 4,
    );
  });

  it('should find the audio behind a prefix of up to 64 KiB', () => {
    const behind = (zeros: number) => Buffer.concat([Buffer.alloc(zeros), file]);
    expect(spanOf(behind(65_536), 1_000).equals(file)).to.equal(true);
    expect(() => spanOf(behind(65_537), 1_000)).to.throw(MediaError, 'no MPEG Layer III audio');
  });

  it('should drop what lies between frames and after them', () => {
    const middle = 10 * FRAME_BYTES + 3;
    const border = file.indexOf(file.subarray(0, 2), middle);
    const [head, tail] = [file.subarray(0, border), file.subarray(border)];
    const noise = Buffer.alloc(3_000, 'noise');
    for (const size of [1, 1_000, 16_384]) {
      const span = spanOf(Buffer.concat([head, noise, tail, noise]), size);
      expect(span.equals(file), `chunks of ${size}`).to.equal(true);
    }
  });

  it('should not take a page of the ÿ letter for audio', () => {
    expect(() => spanOf(Buffer.alloc(20_000, 0xff), 1_000)).to.throw(MediaError);
  });

  it('should give up early on another kind of file', () => {
    const span = new MpegSpan();
    expect(() => span.push(readMp3('wav').subarray(0, 16))).to.throw(
      MediaError,
      'this is a RIFF (WAV) file, not an MP3',
    );
  });
});
