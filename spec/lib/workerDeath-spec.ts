import { expect } from 'chai';
import { filter, interval, map } from 'rxjs';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { now } from '../../demo/participants/heardWindows.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { botsWhen } from '../support/botsIn.js';
import { bringBot } from '../support/bringBot.js';
import { openScene, type Scene } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useScene } from '../support/useScene.js';

const SOON = 30_000;
/** The server sees a good-bye a moment after it was said; without one a bot stays for longer. */
const GOODBYE = 5_000;
const MUSIC = 1_500;
const VOICE = 400;

/** Whether there is a process of this number. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a worker that is killed', function () {
  this.timeout(120_000);
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
  }));
  let bot: BotProcess;
  let other: Scene;

  beforeEach(async () => {
    bot = await startBot(stage.server(), {
      env: { MEDIA_BOT_ASSET_ORIGINS: stage.assets().origin },
    });
    other = await openScene(stage.server(), stage.assets(), true);
  });
  afterEach(async () => {
    await bot.stop('SIGKILL');
    await other.close();
  });

  async function hold({ service, join }: Scene): Promise<DemoParticipant> {
    const caller = await join('caller');
    const colleague = await join('colleague', { kind: 'standard' });
    await colleague.speak(VOICE);
    const from = await bringBot(service);
    await service.play('caller', { url: stage.assets().urlOf('music'), loop: true });
    await service.attributes('caller', (attributes) => attributes['media.held'] === 'true', SOON);
    await caller.waitForTone(MUSIC, { within: SOON, from });
    return caller;
  }

  it('should leave nobody on hold, no bot in a room and no process behind', async () => {
    const scenes = [stage.scene(), other];
    const callers = [await hold(stage.scene()), await hold(other)];
    const hosts = seenSoFar(bot.logs)
      .filter(({ message }) => message === 'room joined')
      .map(({ pid }) => Number(pid));
    expect(new Set(hosts).size, 'hosts with a call').to.equal(2);
    const killed = now();
    process.kill(bot.pid, 'SIGKILL');
    for (const [index, { service }] of scenes.entries()) {
      const released = await service.attributes(
        'caller',
        (attributes) => attributes['media.held'] === 'false',
        SOON,
      );
      expect(released['media.status']).to.equal('failed');
      expect(released['media.error']).to.match(/^bot_gone: /);
      await callers[index]!.waitForTone(VOICE, { within: SOON, since: killed });
    }
    const living = interval(100).pipe(
      map(() => hosts.filter(lives)),
      filter(({ length }) => length === 0),
    );
    await firstWithin(living, SOON, 'the end of all hosts');
    for (const { service } of scenes) {
      await botsWhen(service, (bots) => bots.length === 0, GOODBYE);
    }
  });
});
