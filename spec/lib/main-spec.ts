import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { defer, filter, lastValueFrom, map, repeat } from 'rxjs';
import { type BotOptions, type BotProcess, spawnBot, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { startLiveKitServer } from '../../demo/livekitServer.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const SOON = 30_000;

/** Longer than any spec lasts: the calls end for another reason, or not at all. */
const PATIENT = { MEDIA_BOT_DRAIN_SECONDS: '600' };

describe('the worker process', function () {
  this.timeout(120_000);
  const server = useLiveKitServer();
  let bot: BotProcess;
  let call: CallService;

  const logged = (
    message: string,
    satisfy: (line: Record<string, unknown>) => boolean = () => true,
  ) => bot.waitForLog((line) => line.message === message && satisfy(line), SOON);

  /** Takes calls however busy the machine is with other things. */
  const start = async ({ env }: BotOptions = {}) => {
    bot = await startBot(server(), { env: { MEDIA_BOT_LOAD_THRESHOLD: '1', ...env } });
  };

  const openCallWithBot = async () => {
    call = await openCall(server(), { room: `room-${randomUUID()}` });
    await call.botJoined(SOON);
    return logged('call joined');
  };

  const get = async (path: string) => {
    const response = await fetch(`${bot.healthUrl}${path}`);
    return [response.status, (await response.text()).trim()];
  };

  /** The host that carries the call, as named by any line that it logs about its job. */
  const hostPid = async () => {
    const line = await bot.waitForLog(
      ({ job, process: name }) => job !== undefined && name === 'host',
      SOON,
    );
    return Number(line.pid);
  };

  /** Waits until no bot is in the room any more. */
  const roomWithoutBot = () => {
    const bots = defer(() => call.rooms.listParticipants(call.room)).pipe(
      map((people) => people.filter(({ identity }) => identity.startsWith('media-bot-'))),
      repeat({ delay: 50 }),
    );
    return firstWithin(bots.pipe(filter(({ length }) => length === 0)), SOON, 'no bot');
  };

  /** Ends with the output, which every process that is left of it holds open. */
  const allGone = () => lastValueFrom(bot.logs, { defaultValue: undefined });

  afterEach(async () => {
    await bot.stop('SIGKILL');
    await allGone();
  });

  describe('without a call', () => {
    it('should print every problem with its settings and exit with 78', async () => {
      const secret = 'a-secret-that-is-not-to-be-printed';
      bot = await spawnBot(server(), {
        env: {
          LIVEKIT_URL: undefined,
          LIVEKIT_API_SECRET: secret,
          MEDIA_BOT_GAIN: secret,
          MEDIA_BOT_HEALTH_PORT: '0',
        },
      });
      expect(await bot.exited).to.equal(78);
      await allGone();
      expect(seenSoFar(bot.logs).map(({ message }) => message)).to.have.members([
        'LIVEKIT_URL is required',
        'MEDIA_BOT_GAIN must be a number from 0 to 1',
        'MEDIA_BOT_HEALTH_PORT must be a whole number from 1 to 65535',
      ]);
    });

    it('should be alive before it is ready, and ready once registered', async () => {
      await start();
      expect(await get('/readyz')).to.deep.equal([200, 'ready']);
      expect(await get('/livez')).to.deep.equal([200, 'alive']);
      await logged('registered with LiveKit');
    });

    it('should exit with 0 on SIGTERM, and on SIGINT', async () => {
      await start();
      expect(await bot.stop('SIGTERM')).to.equal(0);
      await allGone();
      await start();
      expect(await bot.stop('SIGINT')).to.equal(0);
    });

    it('should exit with 0 on a SIGTERM that comes before it is ready', async () => {
      bot = await spawnBot(server());
      await logged('worker starting');
      expect(await bot.stop()).to.equal(0);
    });

    it('should be alive but not ready without LiveKit, and exit with 1 in the end', async () => {
      // It is asked twice below before it gives up, which takes it 3.75 s at least.
      const url = `ws://127.0.0.1:${await freePort()}`;
      bot = await spawnBot({ ...server(), url }, { env: { MEDIA_BOT_MAX_RETRY: '5' } });
      await logged('LiveKit unreachable, trying again');
      expect(await get('/livez')).to.deep.equal([200, 'alive']);
      expect(await get('/readyz')).to.deep.equal([503, 'not registered with LiveKit']);
      expect(await bot.exited).to.equal(1);
      const { error } = await logged('worker failed');
      expect(error).to.include({ name: 'LiveKitLostError' });
    });

    it('should exit with 1 when its health port is taken, and name it', async () => {
      const taken = createServer().listen(0);
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      bot = await spawnBot(server(), { env: { MEDIA_BOT_HEALTH_PORT: String(port) } });
      expect(await bot.exited).to.equal(1);
      const { error } = await logged('worker failed');
      expect((error as Error).message).to.include(`health port ${port}`);
      taken.close();
    });

    it('should register again with a server that is restarted', async () => {
      const first = await startLiveKitServer();
      bot = await startBot(first);
      await first.stop();
      await logged('LiveKit unreachable, trying again');
      const second = await startLiveKitServer({ port: Number(new URL(first.url).port) });
      const registrations = bot.logs.pipe(
        filter(({ message }) => message === 'registered with LiveKit'),
        filter((_, index) => index === 1),
      );
      await firstWithin(registrations, SOON, 'the second registration');
      expect(await get('/readyz')).to.deep.equal([200, 'ready']);
      await bot.stop();
      await second.stop();
    });

    it('should replace a host that is killed', async () => {
      await start();
      const { pid } = await logged('call host ready');
      process.kill(Number(pid), 'SIGKILL');
      await logged('call host died');
      const replacement = bot.logs.pipe(
        filter(({ message }) => message === 'call host ready'),
        filter((_, index) => index === 2),
      );
      expect((await firstWithin(replacement, SOON, 'the replacement')).pid).not.to.equal(pid);
    });
  });

  describe('with a call', () => {
    afterEach(() => call.close());

    it('should wait after SIGTERM for the call to end, and take no other', async () => {
      await start({ env: PATIENT });
      await openCallWithBot();
      const exited = bot.stop('SIGTERM');
      await logged('signal received');
      expect(await get('/readyz')).to.deep.equal([503, 'draining']);
      expect(await get('/livez')).to.deep.equal([200, 'alive']);
      const other = await openCall(server(), { room: `room-${randomUUID()}` });
      const refused = await other.botJoined(2_000).catch(String);
      expect(refused).to.include('a bot in the room: not within');
      await other.close();
      await deleteRoomUntil(exited, call);
      expect(await exited).to.equal(0);
      expect(await logged('call ended')).to.include({ outcome: 'completed' });
    });

    it('should end the call on a second SIGTERM, and say so to LiveKit first', async () => {
      await start({ env: PATIENT });
      await openCallWithBot();
      const exited = bot.stop('SIGTERM');
      await logged('signal received');
      await bot.stop('SIGTERM');
      expect(await exited).to.equal(0);
      await logged('call ending', ({ outcome }) => outcome === 'completed');
      await roomWithoutBot();
    });

    it('should end the call when the drain time is over', async () => {
      await start({ env: { MEDIA_BOT_DRAIN_SECONDS: '1' } });
      await openCallWithBot();
      expect(await bot.stop('SIGTERM')).to.equal(0);
      await logged('call ended', ({ outcome }) => outcome === 'completed');
    });

    it("should spare its hosts the terminal's Ctrl-C", async () => {
      await start({ env: PATIENT });
      await openCallWithBot();
      const pid = await hostPid();
      process.kill(pid, 'SIGINT');
      process.kill(pid, 'SIGTERM');
      const exited = bot.stop('SIGINT');
      await logged('signal received');
      await deleteRoomUntil(exited, call);
      expect(await exited).to.equal(0);
      expect(await logged('call ended')).to.include({ outcome: 'completed' });
    });

    it('should leave no host behind when it is killed, nor a bot in the room', async () => {
      await start();
      await openCallWithBot();
      expect(await bot.stop('SIGKILL')).to.equal(null);
      await allGone();
      await roomWithoutBot();
    });

    it('should log neither the identity nor a token nor the secret', async () => {
      await start();
      await openCallWithBot();
      const identity = await call.botJoined(SOON);
      await deleteRoomUntil(logged('call ended'), call);
      await bot.stop();
      await allGone();
      const lines = JSON.stringify(seenSoFar(bot.logs));
      expect(lines).to.include(call.room);
      for (const hidden of [identity, server().apiSecret, 'eyJ']) {
        expect(lines).not.to.include(hidden);
      }
    });
  });
});
