import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { from, lastValueFrom, map, type Observable, of, timer, toArray } from 'rxjs';
import type {
  AudioOutput,
  DetectSpeech,
  PcmFrame,
  SpeechToText,
  Transcript,
} from '../../operators/types.js';
import { installPackage, snippet } from './snippets.js';

describe('operators in the snippets of the README', function () {
  this.timeout(300_000);
  let folder: string;
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  before(async () => {
    folder = await installPackage();
  });
  after(() => rmSync(folder, { recursive: true }));

  it('should play a loop through the operators of the package', async () => {
    write('loop.ts', snippet('ts', 'loopUntil'));
    const { loop } = (await import(pathToFileURL(join(folder, 'loop.ts')).href)) as {
      loop: (
        clip: Observable<PcmFrame>,
        output: AudioOutput,
        stop: Observable<unknown>,
      ) => Observable<void>;
    };
    const lengths: number[] = [];
    const queues: number[] = [];
    const start = performance.now();
    const queued = () => Math.max(0, 20 * lengths.length - (performance.now() - start));
    const output: AudioOutput = {
      queued,
      write: ({ samples }) => {
        lengths.push(samples.length);
        queues.push(queued());
        return Promise.resolve();
      },
      cut: () => Promise.resolve(),
    };
    const frame = { samples: new Int16Array(1_000).fill(8_000), sampleRate: 48_000 };
    const elapsed = () => performance.now() - start;
    await lastValueFrom(loop(of(frame, frame, frame), output, timer(500)), {
      defaultValue: undefined,
    });
    expect(lengths.slice(0, -1).every((length) => length === 960)).to.equal(true);
    expect(Math.max(...queues), 'ms ahead of the ear').to.be.within(180, 250);
    expect(20 * lengths.length, 'ms of sound').to.be.within(500, elapsed() + 250);
  });

  it('should understand a voice through the operators of the package', async () => {
    write('listen.ts', snippet('ts', 'vadChunk'));
    const { listen } = (await import(pathToFileURL(join(folder, 'listen.ts')).href)) as {
      listen: (
        voice: Observable<PcmFrame>,
        detect: DetectSpeech,
        stt: SpeechToText,
      ) => Observable<Transcript>;
    };
    const frameOf = (level: number) => ({
      samples: new Int16Array(800).fill(level),
      sampleRate: 16_000,
    });
    const [speech, silence] = [frameOf(8_000), frameOf(0)];
    const detect: DetectSpeech = (frames) =>
      frames.pipe(map((frame) => ({ frame, probability: frame.samples[0] === 0 ? 0 : 1 })));
    const stt: SpeechToText = {
      ...{ provider: 'groq', model: 'a model' },
      transcribe: ({ audio }, language) =>
        audio.pipe(
          toArray(),
          map((frames) => ({
            ...{ text: `${frames.length} frames`, language, confidence: undefined },
            ...{ provider: 'groq', model: 'a model' },
          })),
        ),
    };
    const second = (frame: PcmFrame) => Array<PcmFrame>(20).fill(frame);
    const voice = from([...second(silence), ...second(speech), ...second(silence)]);
    const heard = listen(voice, detect, stt).pipe(toArray());
    const transcripts = await lastValueFrom(heard, { defaultValue: [] });
    // 300 ms before it, a second of speech, and the pause of 400 ms.
    expect(transcripts.map(({ text }) => text)).to.deep.equal(['34 frames']);
  });
});
