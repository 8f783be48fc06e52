import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { installPackage, run, snippet, TSC } from './snippets.js';

const TSX = import.meta.resolve('tsx');
const SOON = 15_000;
const HOLD = 440;
/** What the snippets name that exists nowhere. */
const ASSET_URL = 'https://assets.example.com/hold-music.mp3';
const ROOM = 'call-1';

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
    /** As the README has it: a Call Service that sees no bot, as on a busy machine, dispatches again. */
    const plays = async (snippet: () => Promise<unknown>) => {
      await snippet();
      const bots = await service.botJoined(SOON).catch(async () => {
        await snippet();
        return service.botJoined(SOON);
      });
      await caller.waitForTone(HOLD, { within: SOON, from: bots });
      const playing = (map: Readonly<Record<string, string>>) => map['media.status'] === 'playing';
      await colleague.waitForAttributes('caller', playing, SOON);
    };

    it('should bring the bot and play, in TypeScript', async () => {
      await enter('typescript');
      write('filled.ts', filled(snippet('ts', 'createDispatch'), 'typescript'));
      const command = ['--import', TSX, join(folder, 'filled.ts')];
      await plays(() => run(process.execPath, command, { env: environment() }));
    });

    it('should bring the bot and play, with curl', async () => {
      await enter('curl');
      const script = filled(snippet('bash', 'curl'), 'curl');
      await plays(() => run('bash', ['-euc', script], { env: environment() }));
    });
  });
});
