import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { freePort } from '../../demo/freePort.js';
import { now } from '../../demo/participants/heardWindows.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import type { Milliseconds } from '../../operators/types.js';
import { bringBot } from './bringBot.js';
import { openSignalProxy, type SignalProxy } from './signalProxy.js';
import { useScene } from './useScene.js';
import { botsIn } from './botsIn.js';
import { showsMetrics } from './showsMetrics.js';

const SOON = 60_000;
const MUSIC = 1_500;
const NEXT = 800;
const VOICE = 400;

/** Specs of a bot that cannot reach LiveKit's port for so long, while media goes on. */
export function describeLiveKitCut(cut: Milliseconds): void {
  describe(`LiveKit's port cut off for ${cut / 1_000} s`, function () {
    this.timeout(2 * cut + 4 * SOON);
    const stage = useScene(async () => ({
      music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
      next: { body: await toneMp3([{ hz: NEXT, ms: 3_000 }]) },
    }));
    let proxy: SignalProxy;
    let bot: BotProcess;
    let page: string;

    beforeEach(async () => {
      const port = await freePort();
      page = `http://127.0.0.1:${port}/metrics`;
      proxy = await openSignalProxy(stage.server().url);
      bot = await startBot(
        { ...stage.server(), url: proxy.url },
        {
          env: {
            MEDIA_BOT_ASSET_ORIGINS: stage.assets().origin,
            MEDIA_BOT_PROMETHEUS_PORT: String(port),
          },
        },
      );
    });
    afterEach(async () => {
      proxy.restore();
      await bot.stop('SIGKILL');
      await proxy.close();
    });

    const shows = (...samples: readonly string[]) => showsMetrics(page, samples, SOON);

    it('should cost no call, no command and no hold', async () => {
      const { service, join } = stage.scene();
      const caller = await join('caller');
      const colleague = await join('colleague', { kind: 'standard' });
      await colleague.speak(VOICE);
      const identity = await bringBot(service);
      const play = (asset: string, id: string) =>
        service.play('caller', { url: stage.assets().urlOf(asset), loop: true, id });
      await play('music', randomUUID());
      await service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
      await caller.waitForTone(MUSIC, { within: SOON, from: identity });
      await shows('media_bot_registered 1', 'media_bot_calls 1');

      proxy.cut();
      const since = now();
      await shows('media_bot_registered 0', 'media_bot_calls 1');
      const id = await play('next', randomUUID());
      await setTimeout(cut - (now() - since));
      proxy.restore();

      await caller.waitForTone(NEXT, { within: SOON, from: identity });
      await service.answer('caller', id, SOON, 'playing');
      await shows(
        'media_bot_registered 1',
        'media_bot_calls 1',
        'media_bot_hosts{state="ready"} 2',
        'media_bot_hosts_left_total{how="died"} 0',
        'media_bot_takeovers_total{outcome="taken_over"} 0',
        'media_bot_jobs_accepted_total 1',
      );
      const leaked = await caller
        .waitForTone(VOICE, { within: 500, from: 'colleague', since })
        .catch(() => undefined);
      expect(leaked, 'the colleague, on hold').to.equal(undefined);
      expect(await botsIn(service)).to.deep.equal([identity]);

      await service.stop('caller');
      await caller.waitForTone(VOICE, { within: SOON, from: 'colleague' });
    });
  });
}
