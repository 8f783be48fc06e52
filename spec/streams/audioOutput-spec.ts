import { setTimeout as sleep } from 'node:timers/promises';
import { AudioSource } from '@livekit/rtc-node';
import { expect } from 'chai';
import type { AudioOutput } from '../../operators/types.js';
import { audioOutput } from '../../streams/audioOutput.js';
import { flatFrame } from '../support/frames.js';

/** 200 ms. */
const FRAME = flatFrame(1_000, 9_600);
/** 1 s: what comes next may take as long, on any machine. */
const LONG_FRAME = flatFrame(1_000, 48_000);
const QUEUE = 3_000;
/** Milliseconds in which nothing is written that should have been. */
const PAUSE = 60;

describe('audioOutput, on underruns', () => {
  let source: AudioSource;
  let output: AudioOutput;
  let isOpen: boolean;
  let silences: number[];

  beforeEach(() => {
    source = new AudioSource(48_000, 1, QUEUE);
    [isOpen, silences] = [true, []];
    output = audioOutput(
      source,
      () => isOpen,
      (silence) => silences.push(silence),
    );
  });
  afterEach(() => source.close());

  /** Leaves the listener without sound for a while. */
  const runDry = async () => {
    await source.waitForPlayout();
    await sleep(PAUSE);
  };

  it('should tell of the silence before a frame that came too late, once', async () => {
    await output.write(FRAME);
    await runDry();
    await output.write(LONG_FRAME);
    await output.write(FRAME);
    expect(silences).to.have.length(1);
    expect(silences[0]).to.be.at.least(PAUSE - 5);
  });

  it('should tell of each silence', async () => {
    for (let frames = 0; frames < 3; frames++) {
      await output.write(FRAME);
      await runDry();
    }
    expect(silences).to.have.length(2);
  });

  it('should not take the first frame for late, nor one that follows a cut', async () => {
    await runDry();
    await output.write(FRAME);
    await output.cut();
    await runDry();
    await output.write(FRAME);
    expect(silences).to.deep.equal([]);
  });

  it('should not blame a reconnection, during which nothing may be written', async () => {
    await output.write(FRAME);
    isOpen = false;
    await runDry();
    expect(output.queued()).to.be.above(200);
    isOpen = true;
    await output.write(FRAME);
    expect(silences).to.deep.equal([]);
  });

  it('should be silent about frames that come in time', async () => {
    for (let frames = 0; frames < 4; frames++) await output.write(LONG_FRAME);
    expect(silences).to.deep.equal([]);
  });
});
