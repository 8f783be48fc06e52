import { expect } from 'chai';
import { exhaustMap, filter, interval, skip } from 'rxjs';
import { processTree } from '../../bench/processTree.js';
import { type ShortCall, shortCall } from '../../bench/shortCall.js';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const SOON = 60_000;
const WAVES = 3;
/** One for each call of a wave. */
const TONES = [500, 700, 900, 1_100];
/** Half of it may be lost on a busy machine. */
const TONE_MS = 1_500;
/** Fewer than there are for each of two hosts. */
const MAX_CALLS = 4;

describe('a worker with many short calls', function () {
  this.timeout(4 * SOON);
  const server = useLiveKitServer();
  let assets: AssetServer;
  let bot: BotProcess;

  before(async () => {
    assets = await startAssetServer();
    for (const hz of TONES) assets.put(`${hz}`, { body: await toneMp3([{ hz, ms: TONE_MS }]) });
    bot = await startBot(server(), {
      env: {
        MEDIA_BOT_ASSET_ORIGINS: assets.origin,
        MEDIA_BOT_HOST_MAX_CALLS: String(MAX_CALLS),
      },
    });
  });
  after(async () => {
    await bot.stop();
    await assets.close();
  });

  const wave = (number: number): Promise<readonly ShortCall[]> =>
    Promise.all(
      TONES.map((hz) =>
        shortCall(server(), `call ${number} ${hz}`, { url: assets.urlOf(`${hz}`), hz }),
      ),
    );
  const processes = async () => (await processTree(bot.pid)).map(({ pid }) => pid);
  const lines = (message: string) => seenSoFar(bot.logs).filter((line) => line.message === message);

  it('should serve each, renew its hosts, and leave none of them behind', async () => {
    const calls: ShortCall[] = [];
    for (let number = 0; number < WAVES; number += 1) calls.push(...(await wave(number)));
    expect(calls.filter(({ heardMs }) => heardMs < TONE_MS / 2)).to.deep.equal([]);

    const retired = lines('call host retires').map(({ host }) => Number(host));
    expect(retired).to.have.length.within(1, (WAVES * TONES.length) / MAX_CALLS);
    await firstWithin(
      interval(100).pipe(
        exhaustMap(processes),
        filter((pids) => !pids.some((pid) => retired.includes(pid))),
      ),
      SOON,
      'the end of the hosts that have retired',
    );
    // A room is closed before its bot says so.
    await firstWithin(
      bot.logs.pipe(
        filter(({ message }) => message === 'call ended'),
        skip(calls.length - 1),
      ),
      SOON,
      'the end of each call',
    );
    const outcomes = lines('call ended').map(({ outcome }) => outcome);
    expect(outcomes).to.deep.equal(calls.map(() => 'completed'));
    expect(lines('call host died')).to.deep.equal([]);
  });
});
