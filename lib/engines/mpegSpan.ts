import { MediaError } from '../../operators/mediaError.js';

/** How many headers must follow one another before bytes count as MPEG audio. */
const AGREEING_FRAMES = 4;
/** How far behind its tag (or its start) a file's first frame may lie. */
const SEARCH_BYTES = 64 * 1024;
/** Version, layer and sample rate: the header bits that all frames of a signal share. */
const SIGNATURE_MASK = 0xfffe_0c00;
const HEADER_BYTES = 4;
const ID3V2_HEADER_BYTES = 10;

/** kbit/s by bitrate index; index 0 is free format, which the decoder cannot play. */
const BITRATES_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const BITRATES_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Hz by version bits (MPEG 2.5, reserved, 2, 1) and sample rate index. */
const SAMPLE_RATES = [
  [11_025, 12_000, 8_000],
  [],
  [22_050, 24_000, 16_000],
  [44_100, 48_000, 32_000],
];

const NO_AUDIO = 'no MPEG Layer III audio found';

/** What other files begin with, at which offset. */
const FOREIGN: readonly (readonly [offset: number, magic: string, name: string])[] = [
  [0, 'RIFF', 'a RIFF (WAV) file'],
  [0, 'OggS', 'an Ogg file'],
  [0, 'fLaC', 'a FLAC file'],
  [4, 'ftyp', 'an MP4 file'],
  [0, '<', 'a page of HTML or XML'],
  [0, '{', 'JSON'],
];

/**
 * The MPEG audio within the bytes of an MP3 file, frame by frame, while the file still arrives.
 *
 * - Audio begins with the first of four Layer III frame headers that follow one another and agree
 *   in version and sample rate. What precedes it (an ID3v2 tag, padding) is dropped.
 * - The size in an ID3v2 tag tells how far to look, not where to jump: where it lies, the audio is
 *   found all the same.
 * - Where a header is missing later on, everything up to the next four agreeing ones is dropped:
 *   damage never reaches the decoder as noise, and neither do ID3v1 and APEv2 tags at the end.
 *
 * Throws MediaError `asset_undecodable` for other file types, for Layers I and II, for free format,
 * where no audio begins within 64 KiB, and where audio of another sample rate follows.
 *
 * @see ISO/IEC 11172-3, 2.4.1.3 (frame header); https://id3.org/id3v2.4.0-structure, 3.1 and 6.2.
 */
export class MpegSpan {
  private held = Buffer.alloc(0);
  private begun = false;
  private inSync = false;
  /** What all headers share, once audio has begun. */
  private signature: number | undefined;
  /** How many bytes may still be dropped before audio begins. */
  private budget = SEARCH_BYTES;

  /** The whole frames that these bytes complete; empty until audio has begun. */
  push(bytes: Uint8Array): Uint8Array {
    this.held = Buffer.concat([this.held, bytes]);
    if (!this.begun && this.held.length < ID3V2_HEADER_BYTES) return new Uint8Array();
    if (!this.begun) this.begin();
    const runs: Buffer[] = [];
    do runs.push(this.takeFrames());
    while (!this.inSync && this.search());
    return Buffer.concat(runs);
  }

  /** To be called after the last bytes of the file. Throws where there was no audio. */
  flush(): void {
    if (this.signature === undefined) throw undecodable(foreignName(this.held) ?? NO_AUDIO);
  }

  private begin(): void {
    const foreign = foreignName(this.held);
    if (foreign !== undefined) throw undecodable(foreign);
    this.budget += id3v2Size(this.held);
    this.begun = true;
  }

  /** Drops what holds no beginning of audio; `true` where what is held begins with audio. */
  private search(): boolean {
    const { found, offset } = findAudio(this.held);
    this.held = this.held.subarray(offset);
    if (this.signature === undefined) this.budget -= offset;
    if (this.budget < 0) throw undecodable(NO_AUDIO);
    if (found) this.synchronize(this.held.readUInt32BE() & SIGNATURE_MASK);
    return found;
  }

  private synchronize(signature: number): void {
    this.signature ??= signature;
    if (signature !== this.signature) throw undecodable('the sample rate changes');
    this.inSync = true;
  }

  /** Takes frame after frame, up to one that is incomplete (in sync) or has no header (not). */
  private takeFrames(): Buffer {
    let end = 0;
    while (this.inSync && end + HEADER_BYTES <= this.held.length) {
      const length = frameLength(this.held.readUInt32BE(end), this.signature);
      if (length === undefined) this.inSync = false;
      else if (end + length > this.held.length) break;
      else end += length;
    }
    const frames = this.held.subarray(0, end);
    this.held = this.held.subarray(end);
    return frames;
  }
}

/** Where audio begins; or, not found, how many of the bytes certainly hold no beginning of it. */
function findAudio(bytes: Buffer): { readonly found: boolean; readonly offset: number } {
  let undecided: number | undefined;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const chain = followFrames(bytes, at);
    if (chain === 'audio') return { found: true, offset: at };
    if (chain === 'undecided') undecided ??= at;
  }
  return { found: false, offset: undecided ?? bytes.length };
}

/** Whether four agreeing headers follow one another from `at` on, as far as there are bytes. */
function followFrames(bytes: Buffer, at: number): 'audio' | 'other' | 'undecided' {
  let signature: number | undefined;
  for (let frame = 0; frame < AGREEING_FRAMES; frame++) {
    if (at + HEADER_BYTES > bytes.length) return 'undecided';
    const header = bytes.readUInt32BE(at);
    signature ??= header & SIGNATURE_MASK;
    const length = frameLength(header, signature);
    if (length === undefined) return 'other';
    at += length;
  }
  return 'audio';
}

/** Bytes from this header to the next; `undefined` where it is none of Layer III, or disagrees. */
function frameLength(header: number, signature: number | undefined): number | undefined {
  if ((header & SIGNATURE_MASK) !== signature) return undefined;
  const isLayer3 = header >>> 21 === 0x7ff && ((header >>> 17) & 3) === 1;
  const version = (header >>> 19) & 3;
  const isMpeg1 = version === 3;
  const bitrate = (isMpeg1 ? BITRATES_MPEG1 : BITRATES_MPEG2)[(header >>> 12) & 15];
  const sampleRate = SAMPLE_RATES[version]?.[(header >>> 10) & 3];
  if (!isLayer3 || !bitrate || !sampleRate) return undefined;
  return Math.floor(((isMpeg1 ? 144_000 : 72_000) * bitrate) / sampleRate) + ((header >>> 9) & 1);
}

/** What the tag at the start says of its size, in bytes, header included; 0 without a tag. */
function id3v2Size(bytes: Buffer): number {
  if (!startsWith(bytes, 'ID3')) return 0;
  const size = bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
  return ID3V2_HEADER_BYTES + size;
}

function foreignName(bytes: Buffer): string | undefined {
  const type = FOREIGN.find(([offset, magic]) => startsWith(bytes.subarray(offset), magic));
  return type && `this is ${type[2]}, not an MP3`;
}

function startsWith(bytes: Buffer, text: string): boolean {
  return bytes.subarray(0, text.length).equals(Buffer.from(text, 'latin1'));
}

function undecodable(reason: string): MediaError {
  return new MediaError('asset_undecodable', reason);
}
