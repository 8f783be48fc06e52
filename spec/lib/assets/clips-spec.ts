import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  concatMap,
  defer,
  from,
  lastValueFrom,
  map,
  type MonoTypeOperatorFunction,
  NEVER,
  Observable,
  of,
  repeat,
  Subject,
  take,
  toArray,
} from 'rxjs';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { type Clips, type ClipsOptions, createClips } from '../../../lib/assets/clips.js';
import { createMp3DecoderPool } from '../../../lib/engines/mp3.js';
import { createSoxrResampler } from '../../../lib/engines/resampler.js';
import { decodeMp3 } from '../../../operators/decodeMp3.js';
import { resampleTo48k } from '../../../operators/resampleTo48k.js';
import type { PcmFrame } from '../../../operators/types.js';
import { fromAsset } from '../../../streams/fromAsset.js';
import {
  createTestCa,
  type HttpsServer,
  lookupLoopback,
  policyWithPublicPort,
  startHttpsServer,
  trustCa,
} from '../../support/httpsServer.js';

const BYTES_PER_SECOND = 96_000;

const openDecoder = createMp3DecoderPool();

const samplesOf = (frames: readonly PcmFrame[]) =>
  Buffer.concat(frames.map(({ samples }) => Buffer.from(samples.buffer)));

const hear = async (sound: Observable<PcmFrame>) =>
  samplesOf(await lastValueFrom(sound.pipe(toArray()), { defaultValue: [] }));

/** What the asset sounds like, decoded whole and without any cache. */
const decodeWhole = (mp3: Uint8Array) =>
  hear(from([mp3]).pipe(decodeMp3(openDecoder), resampleTo48k(createSoxrResampler)));

/** The resampler dithers: two decodings differ by 2 of 32768 at most. */
function expectSame(actual: Buffer, expected: Buffer): void {
  expect(actual).to.have.length(expected.length);
  for (let at = 0; at < actual.length; at += 2) {
    const difference = Math.abs(actual.readInt16LE(at) - expected.readInt16LE(at));
    if (difference > 4) expect.fail(`sample ${at / 2} is off by ${difference}`);
  }
}

/** Lets one frame out for each impulse. */
const paceBy = (impulse: Observable<unknown>): MonoTypeOperatorFunction<PcmFrame> =>
  concatMap((frame) =>
    impulse.pipe(
      take(1),
      map(() => frame),
    ),
  );

describe('createClips', () => {
  const directory = mkdtempSync(join(tmpdir(), 'clips-spec-'));
  const ca = createTestCa();
  let untrust: () => void;
  let server: HttpsServer;
  let serve: (response: ServerResponse, request: IncomingMessage) => void;
  let decodings: number;
  let decodedPieces: number;
  let time: number;
  let found: string[];
  let begun: string[];
  let low: Uint8Array;
  let high: Uint8Array;
  let long: Uint8Array;
  let other: Uint8Array;
  let clips: Clips;

  const create = (options: Partial<ClipsOptions> = {}) => {
    clips = createClips({
      fetch: (url, request) =>
        fromAsset(url, {
          policy: policyWithPublicPort(server.port),
          maxBytes: 33_554_432,
          lookup: lookupLoopback,
          ...request,
        }),
      openDecoder: () =>
        defer(() => {
          decodings += 1;
          return openDecoder().pipe(
            concatMap((decoder) => {
              const decode = decoder.decode.bind(decoder);
              decoder.decode = (bytes) => {
                decodedPieces += 1;
                return decode(bytes);
              };
              return of(decoder);
            }),
          );
        }),
      createResampler: createSoxrResampler,
      maxBytes: 60 * BYTES_PER_SECOND,
      maxCompressedBytes: 16_777_216,
      directory,
      now: () => time,
      onLookedUp: (result) => found.push(result),
      onBegan: (result, after) => begun.push(`${result} ${after}`),
      ...options,
    });
  };

  before(async () => {
    untrust = trustCa(ca.ca);
    server = await startHttpsServer(ca, (request, response) => serve(response, request));
    low = await toneMp3([{ hz: 300, ms: 2_000 }]);
    high = await toneMp3([{ hz: 900, ms: 3_000 }]);
    other = await toneMp3([{ hz: 600, ms: 3_000 }]);
    long = await toneMp3(Array.from({ length: 40 }, (_, i) => ({ hz: 300 + 20 * i, ms: 1_000 })));
  });

  beforeEach(() => {
    server.requests.length = 0;
    decodings = 0;
    decodedPieces = 0;
    time = 0;
    [found, begun] = [[], []];
    serve = (response, { url }) =>
      response.end({ '/low': low, '/high': high, '/other': other }[url ?? ''] ?? long);
    create();
  });

  afterEach(() => clips.clear());

  after(async () => {
    untrust();
    await server.close();
    rmSync(directory, { recursive: true });
  });

  const play = (path: string, pace?: MonoTypeOperatorFunction<PcmFrame>) =>
    clips.clip(server.url(path), pace);
  const failureOf = (sound: Observable<PcmFrame>) =>
    hear(sound).then(() => expect.fail('it did not fail'), String);

  it('should play the asset, at 48 kHz and sample by sample, in frames of 100 ms', async () => {
    const frames = await lastValueFrom(play('/low').pipe(toArray()), { defaultValue: [] });
    expectSame(samplesOf(frames), await decodeWhole(low));
    expect(frames.every(({ sampleRate }) => sampleRate === 48_000)).to.be.true;
    expect(frames.slice(0, -1).every(({ samples }) => samples.length === 4_800)).to.be.true;
  });

  it('should play the first frames while the rest is still arriving', async () => {
    serve = (response) => response.write(low.subarray(0, low.length / 2));
    expect(await hear(play('/low').pipe(take(5)))).to.have.length(5 * 9_600);
  });

  it('should do nothing before it is subscribed', () => {
    expect(play('/low')).to.be.instanceOf(Observable);
    expect(server.requests).to.have.length(0);
  });

  it('should serve everybody with one request and one decoding', async () => {
    const sounds = await Promise.all([hear(play('/low')), hear(play('/low')), hear(play('/low'))]);
    const twice = await hear(play('/low').pipe(repeat(2)));
    expectSame(sounds[0], await decodeWhole(low));
    expectSame(twice, Buffer.concat([sounds[1], sounds[2]]));
    expect(server.requests).to.have.length(1);
    expect(decodings).to.equal(1);
  });

  it('should let a listener who comes later hear it from its start', async () => {
    const rest = new Subject<void>();
    serve = (response) => {
      response.write(low.subarray(0, low.length / 2));
      rest.subscribe({
        next: () => response.end(low.subarray(low.length / 2)),
        error: () => response.destroy(),
      });
    };
    const first = hear(play('/low'));
    await hear(play('/low').pipe(take(5)));
    const second = hear(play('/low'));
    rest.next();
    expectSame(await first, await decodeWhole(low));
    expectSame(await second, await first);
    expect(server.requests).to.have.length(1);
  });

  it('should abort the request with the last listener, and with no other', async () => {
    const aborted = new Promise((resolve) => {
      serve = (response) => {
        response.once('close', resolve);
        response.write(low.subarray(0, low.length / 2));
      };
    });
    const staying = play('/low').subscribe();
    await hear(play('/low').pipe(take(5)));
    await hear(play('/low').pipe(take(5)));
    expect(server.requests).to.have.length(1);
    staying.unsubscribe();
    await aborted;
  });

  it('should tell when the first frame of each clip was let out, not of each pass', async () => {
    serve = (response) => {
      time += 70;
      response.end(low);
    };
    await hear(play('/low').pipe(repeat(3)));
    await hear(play('/low'));
    expect(begun).to.deep.equal(['miss 70', 'hit 0']);
  });

  it('should leave no name of a file behind, not even while it plays', async () => {
    const playing = play('/long', paceBy(NEVER)).subscribe();
    await hear(play('/long').pipe(take(50)));
    expect(readdirSync(directory)).to.deep.equal([]);
    playing.unsubscribe();
  });

  describe('failures', () => {
    it('should not be kept', async () => {
      serve = (response) => response.writeHead(404).end();
      expect(await failureOf(play('/low'))).to.match(/^asset_unreachable: .*404/);
      expect(begun).to.deep.equal([]);
      serve = (response) => response.end('<html>');
      expect(await failureOf(play('/low'))).to.match(/^asset_undecodable: /);
      serve = (response) => response.end();
      expect(await failureOf(play('/low'))).to.match(/^asset_undecodable: /);
      serve = (response) => response.end(low);
      expectSame(await hear(play('/low')), await decodeWhole(low));
    });

    it('should reach every listener, after what had been decoded', async () => {
      serve = (response) => {
        response.writeHead(200, { 'content-length': low.length });
        response.write(low.subarray(0, low.length / 2), () => response.destroy());
      };
      const heard: number[] = [0, 0];
      const errors = heard.map((_, listener) =>
        failureOf(
          play('/low').pipe(
            concatMap((frame) => {
              heard[listener]! += 1;
              return of(frame);
            }),
          ),
        ),
      );
      for (const error of await Promise.all(errors)) expect(error).to.match(/^asset_unreachable: /);
      expect(heard[0]).to.be.within(5, 15);
      expect(heard[1]).to.equal(heard[0]);
    });

    it('should name a connection that breaks while much of the asset is not decoded yet', async () => {
      serve = (response) => {
        response.writeHead(200, { 'content-length': long.length });
        response.write(long.subarray(0, long.length / 2), () => response.destroy());
      };
      expect(await failureOf(play('/long'))).to.match(/^asset_unreachable: /);
    });

    it('should say that there is no room for compressed bytes, unless something idles', async () => {
      create({ maxCompressedBytes: 2 * 1_048_576 });
      serve = (response) => response.write(low);
      const busy = ['/1', '/2'].map((path) => play(path).subscribe());
      await hear(play('/2').pipe(take(1)));
      await hear(play('/1').pipe(take(1)));
      expect(await failureOf(play('/3'))).to.match(/^asset_too_large: /);
      busy.forEach((listener) => listener.unsubscribe());
      await hear(play('/3').pipe(take(1)));
    });
  });

  describe('freshness', () => {
    const version = (etag: string, mp3: Uint8Array, cacheControl?: string) => {
      serve = (response, { headers }) => {
        response.setHeader('etag', etag);
        if (cacheControl) response.setHeader('cache-control', cacheControl);
        if (headers['if-none-match'] === etag) response.writeHead(304).end();
        else response.end(mp3);
      };
    };

    it('should ask nobody within what the server allowed', async () => {
      version('"1"', low, 'max-age=300');
      await hear(play('/a'));
      time = 299_000;
      await hear(play('/a'));
      expect(server.requests).to.have.length(1);
      expect(found).to.deep.equal(['miss', 'hit']);
    });

    it('should ask whether it is current afterwards, once for all, and decode nothing anew', async () => {
      version('"1"', low, 'max-age=300');
      await hear(play('/a'));
      time = 301_000;
      await Promise.all([hear(play('/a')), hear(play('/a'))]);
      await hear(play('/a'));
      expect(server.requests).to.have.length(2);
      expect(server.requests[1]!.headers).to.include({ 'if-none-match': '"1"' });
      expect(found).to.deep.equal(['miss', 'revalidated', 'revalidated', 'hit']);
      expect(decodings).to.equal(1);
    });

    it('should take one minute for granted where the server says nothing', async () => {
      version('"1"', low);
      await hear(play('/a'));
      time = 59_000;
      await hear(play('/a'));
      expect(server.requests).to.have.length(1);
      time = 61_000;
      await hear(play('/a'));
      expect(server.requests).to.have.length(2);
    });

    it('should play what has changed, and not the old sound even once', async () => {
      version('"1"', low, 'no-cache');
      await hear(play('/a'));
      version('"2"', high, 'no-cache');
      expectSame(await hear(play('/a')), await decodeWhole(high));
      expect(found).to.deep.equal(['miss', 'miss']);
    });

    it('should fetch anew what must not be stored', async () => {
      version('"1"', low, 'no-store');
      await hear(play('/a'));
      await hear(play('/a'));
      expect(server.requests).to.have.length(2);
      expect(server.requests[1]!.headers).not.to.have.property('if-none-match');
    });

    it('should not ask again between the passes of one clip', async () => {
      version('"1"', low, 'no-store');
      await hear(play('/a').pipe(repeat(3)));
      expect(server.requests).to.have.length(1);
      expect(found).to.deep.equal(['miss']);
    });
  });

  describe('room', () => {
    const roomFor = (seconds: number) => create({ maxBytes: seconds * BYTES_PER_SECOND });

    it('should be shared by addresses that hold the same bytes', async () => {
      await hear(play('/long?signature=1'));
      await hear(play('/long?signature=2'));
      decodings = 0;
      await hear(play('/long?signature=2'));
      await hear(play('/long?signature=1'));
      expect(decodings).to.equal(0);
      await hear(play('/high'));
      await hear(play('/low'));
      decodings = 0;
      await hear(play('/long?signature=1'));
      expect(decodings).to.equal(0);
      expect(server.requests).to.have.length(4);
    });

    it('should be given to what was used last, the rest decoded again without a request', async () => {
      roomFor(6);
      for (const path of ['/low', '/high', '/low', '/other']) await hear(play(path));
      expect(decodings).to.equal(3);
      await hear(play('/low'));
      expect(decodings).to.equal(3);
      expectSame(await hear(play('/high')), await decodeWhole(high));
      expect(decodings).to.equal(4);
      expect(server.requests).to.have.length(3);
    });

    it('should not be taken from what is playing', async () => {
      roomFor(4);
      const impulse = new Subject<void>();
      const slow = hear(play('/low', paceBy(impulse)));
      await hear(play('/low'));
      expectSame(await hear(play('/high')), await decodeWhole(high));
      for (let frame = 0; frame < 30; frame += 1) impulse.next();
      expectSame(await slow, await decodeWhole(low));
      decodings = 0;
      await hear(play('/low'));
      expect(decodings).to.equal(0);
    });

    it('should be given up by what outgrows it, without a gap for those who listen', async () => {
      roomFor(5);
      const impulse = new Subject<void>();
      const slow = hear(play('/long', paceBy(impulse)));
      const fast = await hear(play('/long'));
      const whole = await decodeWhole(long);
      expectSame(fast, whole);
      expect(decodings).to.equal(1);
      for (let frame = 0; frame < 410; frame += 1) impulse.next();
      expectSame(await slow, whole);
    });

    it('should not be needed by later listeners: they decode while they play', async () => {
      roomFor(5);
      const whole = await hear(play('/long'));
      const twice = await hear(play('/long').pipe(repeat(2)));
      expectSame(twice, Buffer.concat([whole, whole]));
      expect(server.requests).to.have.length(1);
      expect(decodings).to.equal(3);
    });

    it('should not be filled faster than somebody listens', async () => {
      const waiting = play('/long', paceBy(NEVER)).subscribe();
      await hear(play('/long').pipe(take(1)));
      await new Promise((resolve) => setTimeout(resolve, 200)); // 40 s could be decoded by now
      expect(decodedPieces).to.be.within(1, Math.ceil((12 / 40) * (long.length / 16_384)));
      waiting.unsubscribe();
    });
  });
});
