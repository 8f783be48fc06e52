import { expect } from 'chai';
import { from, lastValueFrom } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { encodeWav } from '../../operators/encodeWav.js';
import type { PcmFrame, Samples } from '../../operators/types.js';
import { flatFrame, frameOf } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

const ascii = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

const written = (frames: readonly PcmFrame[], shortest?: Samples) =>
  lastValueFrom(from(frames).pipe(encodeWav(shortest)), { defaultValue: new Uint8Array() });

describe('encodeWav', () => {
  let rxTest: TestScheduler;
  const values = { a: frameOf([1, -2], 16_000), b: frameOf([3], 16_000), e: frameOf([], 16_000) };

  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should write what a reader of WAV files expects', async () => {
    const wav = await written([frameOf([0, 1, -1], 16_000), frameOf([32_767, -32_768], 16_000)]);
    const view = new DataView(wav.buffer);
    expect(wav).to.have.length(44 + 10);
    expect(ascii(wav.subarray(0, 4)) + ascii(wav.subarray(8, 16))).to.equal('RIFFWAVEfmt ');
    expect(view.getUint32(4, true)).to.equal(36 + 10);
    expect(view.getUint32(16, true)).to.equal(16);
    expect([20, 22, 32, 34].map((at) => view.getUint16(at, true))).to.deep.equal([1, 1, 2, 16]);
    expect([24, 28].map((at) => view.getUint32(at, true))).to.deep.equal([16_000, 32_000]);
    expect(ascii(wav.subarray(36, 40))).to.equal('data');
    expect(view.getUint32(40, true)).to.equal(10);
    const samples = [44, 46, 48, 50, 52].map((at) => view.getInt16(at, true));
    expect(samples).to.deep.equal([0, 1, -1, 32_767, -32_768]);
  });

  it('should keep the rate of the signal', async () => {
    const wav = await written([flatFrame(0, 8, 48_000)]);
    expect(new DataView(wav.buffer).getUint32(24, true)).to.equal(48_000);
  });

  it('should write one file when the signal is over', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const signal = cold('  a-b---|   ', values);
      const subs = '         ^-----!   ';
      const expected = '     ------(W|)';
      const W = new Uint8Array(
        Buffer.concat([
          Buffer.from('524946462a00000057415645666d742010000000', 'hex'),
          Buffer.from('01000100803e0000007d00000200100064617461', 'hex'),
          Buffer.from('060000000100feff0300', 'hex'),
        ]),
      );
      expectObservable(signal.pipe(encodeWav())).toBe(expected, { W });
      expectSubscriptions(signal.subscriptions).toBe(subs);
    });
  });

  it('should write no file without samples', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('--|', values).pipe(encodeWav())).toBe('--|');
      expectObservable(cold('e-|', values).pipe(encodeWav())).toBe('--|');
      expectObservable(cold('--|', values).pipe(encodeWav(0))).toBe('--|');
    });
  });

  it('should write no file of a shorter signal than is wanted', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('ab-|', values).pipe(encodeWav(4))).toBe('---|');
    });
  });

  it('should write a file of the shortest signal that is wanted', async () => {
    const wav = await written([values.a, values.b], 3);
    expect(wav).to.have.length(44 + 6);
  });

  it('should wait for as long as the signal goes on', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-b-', values).pipe(encodeWav())).toBe('----');
    });
  });

  it('should pass an error on and write nothing', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-#', values).pipe(encodeWav())).toBe('--#');
    });
  });

  it('should let the signal go when it is unsubscribed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const signal = cold('a-b-', values);
      expectObservable(signal.pipe(encodeWav()), '^--!').toBe('---');
      expectSubscriptions(signal.subscriptions).toBe('^--!');
    });
  });
});
