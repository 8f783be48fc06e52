import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, spawnBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const HOLD = 440;
/** The stock worker takes seconds to load, and as many again for each of its processes. */
const PATIENCE = 90_000;

/** Command lines of a process and all below it. */
function processTree(pid: number): readonly string[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)?.slice(1) ?? []);
  const below = (parent: string): readonly string[] =>
    table.flatMap(([id = '', ppid, args = '']) => (ppid === parent ? [args, ...below(id)] : []));
  return below(String(pid));
}

describe('the stock worker', () => {
  const server = useLiveKitServer();
  let assets: AssetServer;
  let bot: BotProcess;
  let service: CallService;
  let caller: DemoParticipant;

  before(async function () {
    this.timeout(2 * PATIENCE);
    assets = await startAssetServer({ hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) } });
    bot = await spawnBot(server(), {
      command: ['--import', 'tsx', 'lib/agent.ts', 'start'],
      env: {
        MEDIA_BOT_ASSET_ORIGINS: assets.origin,
        MEDIA_BOT_NUM_IDLE_PROCESSES: '1',
        MEDIA_BOT_DRAIN_SECONDS: '1',
        // Of so many it never takes itself for full, as it else does on a machine that is.
        NUM_CPUS: '1000',
      },
    });
    await bot.waitForLog((line) => JSON.stringify(line).includes('registered'), PATIENCE);
    service = await openCall(server(), { room: 'stock', dispatch: false });
    caller = await joinRoom(server(), { room: 'stock', identity: 'caller', kind: 'sip' });
    await service.dispatchBot();
  });
  after(async () => {
    await bot.stop();
    await caller.leave();
    await service.close();
    await assets.close();
  });

  it('should carry the same call, release it on SIGTERM, and run no inference process', async function () {
    this.timeout(4 * PATIENCE);
    const identity = await service.botJoined(PATIENCE);
    expect(identity).to.match(/^media-bot-[0-9a-f-]{36}$/);
    const id = await service.play('caller', { url: assets.urlOf('hold'), loop: true });
    await caller.waitForTone(HOLD, { within: PATIENCE, from: identity });
    await service.answer('caller', id, PATIENCE, 'playing');

    const processes = processTree(bot.pid);
    expect(processes.join('\n'))
      .to.match(/job_proc/)
      .and.not.match(/inference_proc/);

    const stopped = bot.stop();
    const answer = await service.answer('caller', id, PATIENCE, 'failed');
    expect(answer['media.error']).to.match(/^bot_gone: /);
    // With its job gone the stock worker stays for a while; nobody has to wait for it.
    await bot.stop('SIGKILL');
    await stopped;
  });
});
