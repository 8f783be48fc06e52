import { filter } from 'rxjs';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { bringBot } from '../support/bringBot.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useScene } from '../support/useScene.js';

const SOON = 60_000;
const MUSIC = 1_500;
const FOUND_DEAD = 'bot gives no sign of life, its call is taken';

describe('a room whose bot has died with its worker, and is still listed', function () {
  this.timeout(5 * SOON);
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
  }));
  const workers: BotProcess[] = [];
  const hosts: number[] = [];

  const startWorker = async () => {
    const env = { MEDIA_BOT_ASSET_ORIGINS: stage.assets().origin };
    const worker = await startBot(stage.server(), { env });
    workers.push(worker);
    return worker;
  };
  const signal = (name: NodeJS.Signals) => hosts.forEach((pid) => process.kill(pid, name));

  afterEach(async () => {
    signal('SIGKILL');
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
  });

  /** Hosts that can neither speak nor hang up, as those of a machine that is gone. */
  const lose = async (worker: BotProcess) => {
    hosts.push(
      ...seenSoFar(worker.logs)
        .filter(({ message }) => message === 'call host ready')
        .map(({ pid }) => Number(pid)),
    );
    signal('SIGSTOP');
    await worker.stop('SIGKILL');
  };

  it('should get another one with the next dispatch, which says whom it relieves', async () => {
    const { service, join } = stage.scene();
    const caller = await join('caller');
    const first = await startWorker();
    const dead = await bringBot(service);
    await service.play('caller', { url: stage.assets().urlOf('music'), loop: true });
    await caller.waitForTone(MUSIC, { within: SOON, from: dead });
    const second = await startWorker();
    await lose(first);
    const relieving = firstWithin(
      caller.attributes.pipe(filter((it) => it.attributes['media-bot.relieves'] === dead)),
      SOON,
      'a bot that relieves the dead one',
    );
    await service.dispatchBot();
    await second.waitForLog(({ message }) => message === FOUND_DEAD, SOON);
    const { identity: successor } = await relieving;
    await caller.waitForTone(MUSIC, { within: SOON, from: successor });
  });
});
