import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { from, lastValueFrom, map, type Observable, of, timer, toArray } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import type {
  AudioOutput,
  DetectSpeech,
  PcmFrame,
  SpeechToText,
  Transcript,
} from '../../operators/types.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const run = promisify(execFile);
const TSC = resolve('node_modules/typescript/bin/tsc');
const TSX = import.meta.resolve('tsx');
const SOON = 15_000;
const HOLD = 440;
/** What the snippets name that exists nowhere. */
const ASSET_URL = 'https://assets.example.com/hold-music.mp3';
const ROOM = 'call-1';

/** The one code block of a language that holds this text. */
function snippet(language: string, holding: string): string {
  const readme = readFileSync('README.md', 'utf8');
  const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, name, text = '']) => name === language && text.includes(holding))
    .map(([, , text = '']) => text);
  expect(blocks, `blocks of ${language} with ${holding}`).to.have.length(1);
  return blocks[0]!;
}

/** A folder like that of somebody who has installed the package, built from the sources here. */
async function installPackage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  const installed = join(folder, 'node_modules/livekit-media-bot');
  mkdirSync(installed, { recursive: true });
  cpSync('package.json', join(installed, 'package.json'));
  await run(process.execPath, [TSC, '--outDir', join(installed, 'dist')]);
  for (const name of ['rxjs', 'livekit-server-sdk']) {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** The product's compiler settings, which are as strict as they can be. */
const tsconfig = () => ({
  extends: resolve('tsconfig.json'),
  compilerOptions: { noEmit: true, rootDir: '.', typeRoots: [resolve('node_modules/@types')] },
  include: ['*.ts'],
});

describe('snippets of the README', function () {
  this.timeout(120_000);
  let folder: string;
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  before(async () => {
    folder = await installPackage();
  });
  after(() => rmSync(folder, { recursive: true }));

  it('should type-check', async () => {
    write('call.ts', snippet('ts', 'createDispatch'));
    write('loop.ts', snippet('ts', 'loopUntil'));
    write('listen.ts', snippet('ts', 'vadChunk'));
    write('tsconfig.json', JSON.stringify(tsconfig()));
    const { stdout } = await run(process.execPath, [TSC, '-p', folder]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).to.equal('');
  });

  describe('for the Call Service', () => {
    const server = useLiveKitServer();
    let assets: AssetServer;
    let bot: BotProcess;
    let service: CallService;
    let caller: DemoParticipant;
    let colleague: DemoParticipant;

    before(async () => {
      assets = await startAssetServer({ hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) } });
      // A machine that is busy with the compiler is no reason to turn a call away here.
      const env = { MEDIA_BOT_ASSET_ORIGINS: assets.origin, MEDIA_BOT_LOAD_THRESHOLD: '1' };
      bot = await startBot(server(), { env });
    });
    after(async () => {
      await bot.stop();
      await assets.close();
    });
    afterEach(async () => {
      await Promise.all([caller.leave(), colleague.leave()]);
      await service.close();
    });

    const enter = async (room: string) => {
      service = await openCall(server(), { room, dispatch: false });
      caller = await joinRoom(server(), { room, identity: 'caller', kind: 'sip' });
      colleague = await joinRoom(server(), { room, identity: 'colleague' });
    };
    /** The snippet for a room and an asset that exist. */
    const filled = (text: string, room: string) => {
      expect(text).to.include(ROOM).and.to.include(ASSET_URL);
      return text.replaceAll(ROOM, room).replace(ASSET_URL, assets.urlOf('hold'));
    };
    const environment = () => ({
      PATH: process.env.PATH,
      LIVEKIT_URL: server().url,
      LIVEKIT_API_KEY: server().apiKey,
      LIVEKIT_API_SECRET: server().apiSecret,
    });
    const isPlaying = async () => {
      const bots = await service.botJoined(SOON);
      await caller.waitForTone(HOLD, { within: SOON, from: bots });
      const playing = (map: Readonly<Record<string, string>>) => map['media.status'] === 'playing';
      await colleague.waitForAttributes('caller', playing, SOON);
    };

    it('should bring the bot and play, in TypeScript', async () => {
      await enter('typescript');
      write('filled.ts', filled(snippet('ts', 'createDispatch'), 'typescript'));
      await run(process.execPath, ['--import', TSX, join(folder, 'filled.ts')], {
        env: environment(),
      });
      await isPlaying();
    });

    it('should bring the bot and play, with curl', async () => {
      await enter('curl');
      const script = filled(snippet('bash', 'curl'), 'curl');
      await run('bash', ['-euc', script], { env: environment() });
      await isPlaying();
    });
  });

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
    const transcripts = await lastValueFrom(listen(voice, detect, stt).pipe(toArray()));
    // 300 ms before it, a second of speech, and the pause of 400 ms.
    expect(transcripts.map(({ text }) => text)).to.deep.equal(['34 frames']);
  });
});
