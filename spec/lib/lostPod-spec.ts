import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { AgentDispatchClient, WebhookEvent } from 'livekit-server-sdk';
import {
  defer,
  filter,
  lastValueFrom,
  map,
  merge,
  ReplaySubject,
  repeat,
  skip,
  take,
  toArray,
} from 'rxjs';
import { processTree } from '../../bench/processTree.js';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { type LiveKitServer, startLiveKitServer } from '../../demo/livekitServer.js';
import { now } from '../../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { lostBot } from '../../lib/lostBot.js';
import { succeed } from '../../lib/succeed.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { botsIn } from '../support/botsIn.js';
import { bringBot } from '../support/bringBot.js';
import { postWebhook, signWebhook, type Webhook } from '../support/postWebhook.js';
import { openScene, type Scene } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { silentLogger } from '../support/silentLogger.js';

const START_TIMEOUT_MS = 600_000;
const SOON = 30_000;
/** LiveKit waits 20 s for a participant who does not say good-bye. */
const LOSS = 60_000;
const MUSIC = 1_500;
const VOICE = 400;
const CALLS = 2;
const RIVALS = 10;
const STT = '{"stt":{"enabled":true,"language":"en"},"call":"of the Call Service"}';

/** A webhook, and what is in it. */
interface Told extends Required<Webhook> {
  readonly event: WebhookEvent;
}

/** Another worker, and where it receives webhooks and serves metrics. */
interface Other {
  readonly bot: BotProcess;
  readonly port: number;
  readonly metricsPort: number;
}

/** A caller on hold, and the bot that was lost and the one that came. */
interface Call {
  readonly scene: Scene;
  readonly caller: DemoParticipant;
  readonly lost: string;
  successor: string;
}

describe('calls of a pod that is lost', function () {
  this.timeout(120_000);
  let server: LiveKitServer;
  let assets: AssetServer;
  let listener: Server;
  let dispatches: AgentDispatchClient;
  let pod: BotProcess;
  /** Two whom LiveKit tells, and a third whom it does not, as if just started. */
  let others: readonly Other[];
  const told = new ReplaySubject<Told>(Infinity);
  const calls: Call[] = [];
  /** Whoever on hold has heard somebody. */
  const leaks: string[] = [];

  before(async function () {
    this.timeout(START_TIMEOUT_MS);
    listener = createServer((request, response) => {
      const { authorization = '' } = request.headers;
      void text(request).then((body) => {
        response.end();
        const event = WebhookEvent.fromJsonString(body, { ignoreUnknownFields: true });
        told.next({ body, authorization, event });
      });
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    const ports = [await freePort(), await freePort()];
    server = await startLiveKitServer({
      webhooks: [...ports, port].map((each) => `http://127.0.0.1:${each}/`),
    });
    const { url, apiKey, apiSecret } = server;
    dispatches = new AgentDispatchClient(url.replace('ws', 'http'), apiKey, apiSecret);
    assets = await startAssetServer({ music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) } });
    const start = (env = {}) => {
      const options = { MEDIA_BOT_ASSET_ORIGINS: assets.origin, MEDIA_BOT_NUM_IDLE_PROCESSES: '1' };
      return startBot(server, { env: { ...options, LOG_LEVEL: 'DEBUG', ...env } });
    };
    pod = await start();
    for (let index = 0; index < CALLS; index += 1) calls.push(await hold());
    others = await Promise.all(
      [...ports, await freePort()].map(async (each) => {
        const metricsPort = await freePort();
        const bot = await start({
          MEDIA_BOT_WEBHOOK_PORT: String(each),
          MEDIA_BOT_PROMETHEUS_PORT: String(metricsPort),
        });
        return { bot, port: each, metricsPort };
      }),
    );
  });
  after(async () => {
    await Promise.all([pod, ...others.map(({ bot }) => bot)].map((bot) => bot.stop('SIGKILL')));
    await Promise.all(calls.map(({ scene }) => scene.close()));
    await assets.close();
    await server.stop();
    listener.close();
  });

  async function hold(): Promise<Call> {
    const scene = await openScene(server, assets, true);
    const caller = await scene.join('caller');
    const colleague = await scene.join('colleague', { kind: 'standard' });
    const lost = await bringBot(scene.service, STT);
    await scene.service.play('caller', { url: assets.urlOf('music'), loop: true });
    await scene.service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
    await caller.waitForTone(MUSIC, { within: SOON, from: lost });
    await colleague.speak(VOICE);
    return { scene, caller, lost, successor: '' };
  }

  /** All of it at once, as when its node is gone: none of its processes sees another one die. */
  async function killTree(root: number): Promise<void> {
    const tree = (await processTree(root)).map(({ pid }) => pid);
    expect(tree.length, 'processes').to.be.greaterThan(1);
    for (const pid of tree) process.kill(pid, 'SIGSTOP');
    for (const pid of tree) process.kill(pid, 'SIGKILL');
  }

  /** The departure of a bot, as LiveKit has told it. */
  const departure = (bot: string) =>
    firstWithin(
      told.pipe(
        filter(({ event }) => event.event === 'participant_left'),
        filter(({ event }) => event.participant?.identity === bot),
      ),
      LOSS,
      'the departure of a bot',
    );

  const successorIn = ({ scene, lost }: Call) =>
    firstWithin(
      defer(() => botsIn(scene.service)).pipe(
        repeat({ delay: 100 }),
        filter((bots) => bots.some((bot) => bot !== lost)),
        map((bots) => bots.find((bot) => bot !== lost)!),
      ),
      LOSS,
      'a successor',
    );

  /** Others who see to a loss, at the same moment; resolves with those that have done it. */
  const contest = async (bot: string): Promise<readonly string[]> => {
    const { event } = await departure(bot);
    const { rooms } = calls[0]!.scene.service;
    const deps = { agentName: 'media-bot', rooms, dispatches, logger: silentLogger() };
    const lost = lostBot(event, 'media-bot')!;
    const rivals = Array.from({ length: RIVALS }, () => succeed(lost, deps));
    return lastValueFrom(merge(...rivals).pipe(toArray()), { defaultValue: [] });
  };

  const linesOf = (message: string) =>
    others.map(({ bot }) => bot.logs.pipe(filter((line) => line.message === message)));

  /** Successors that all of them have counted. */
  async function counted(outcome: string): Promise<number> {
    const pages = await Promise.all(
      others.map(async ({ metricsPort }) =>
        (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
      ),
    );
    const sample = new RegExp(`^media_bot_successors_total{outcome="${outcome}"} (\\d+)$`, 'm');
    return pages.reduce((sum, page) => sum + Number(sample.exec(page)![1]), 0);
  }

  /** Those of successors; those of the Call Service are left out, which may be several. */
  const dispatchesIn = async ({ scene }: Call) =>
    (await dispatches.listDispatch(scene.service.room)).filter(({ metadata }) =>
      metadata.includes('lost_bots'),
    );

  /** Tells all three, each twice at once, and waits until each has seen to it. */
  async function repeatToAll(webhook: Webhook): Promise<void> {
    const seen = linesOf('loss seen to').map((line$) =>
      firstWithin(line$.pipe(skip(seenSoFar(line$).length + 1), take(1)), SOON, 'it seen to'),
    );
    const twice = [...others, ...others];
    const statuses = await Promise.all(twice.map(({ port }) => postWebhook(port, webhook)));
    expect(statuses).to.deep.equal(twice.map(() => 200));
    await Promise.all(seen);
  }

  it('should each get one successor, and music, and never hear anybody meanwhile', async () => {
    const [mirrored, contested] = calls as [Call, Call];
    const { service } = mirrored.scene;
    await service.transcribe(mirrored.lost, { enabled: true, language: 'ar' }, 'the-command');
    await service.transcribeAnswer(mirrored.lost, 'the-command', SOON);
    const killed = now();
    for (const { caller } of calls) {
      const heard = caller.waitForTone(VOICE, { within: 2 * LOSS, since: killed });
      void heard.then(
        () => leaks.push(caller.identity),
        () => undefined,
      );
    }
    const rivals = contest(contested.lost);
    await killTree(pod.pid);
    await Promise.all(
      calls.map(async (call) => {
        call.successor = await successorIn(call);
        const { event } = await departure(call.lost);
        expect(event.participant?.disconnectReason, 'CONNECTION_TIMEOUT').to.equal(14);
        const listening = { within: SOON, from: call.successor, since: killed };
        await call.caller.waitForTone(MUSIC, listening);
      }),
    );
    await Promise.all(
      linesOf('loss seen to')
        .slice(0, 2)
        .map((line$) => firstWithin(line$.pipe(skip(CALLS - 1)), SOON, 'all losses seen to')),
    );
    const byRivals = (await rivals).length;
    expect((await counted('dispatched')) + byRivals).to.equal(CALLS);
    expect(await counted('failed')).to.equal(0);
    for (const call of calls) {
      expect(await dispatchesIn(call)).to.have.lengthOf(1);
      expect(await botsIn(call.scene.service)).to.deep.equal([call.successor]);
      const { attributes } = await service.rooms.getParticipant(call.scene.service.room, 'caller');
      expect(attributes).to.include({ 'media.held': 'true', 'media.status': 'playing' });
    }
    expect(leaks).to.deep.equal([]);
  });

  it('should be transcribed as they were', async () => {
    const [mirrored, other] = calls as [Call, Call];
    const running = (map: Readonly<Record<string, string>>) => map['stt.status'] === 'running';
    const commanded = await mirrored.scene.service.attributes(mirrored.successor, running, SOON);
    expect(commanded).to.include({
      ...{ 'stt.status_command_id': 'the-command', 'stt.provider': 'elevenlabs' },
    });
    const dispatched = await other.scene.service.attributes(other.successor, running, SOON);
    expect(dispatched).to.include({ 'stt.provider': 'deepgram' });
    const [dispatch] = await dispatchesIn(other);
    expect(JSON.parse(dispatch!.metadata)).to.deep.equal({
      ...JSON.parse(STT),
      lost_bots: [other.lost],
    });
  });

  it('should get no other one when the webhooks are repeated, doubled or forged', async () => {
    for (const call of calls) {
      const webhook = await departure(call.lost);
      await repeatToAll(webhook);
      const forged = await signWebhook({ ...server, apiSecret: 'a-guess' }, webhook.body);
      for (const { port } of others) expect(await postWebhook(port, forged)).to.equal(401);
      expect(await botsIn(call.scene.service)).to.deep.equal([call.successor]);
      expect(await dispatchesIn(call)).to.have.lengthOf(1);
    }
  });

  it('should stay without a bot where one was removed, or its dispatch deleted', async () => {
    const [removed, deleted] = calls as [Call, Call];
    const { service } = removed.scene;
    await service.rooms.removeParticipant(service.room, removed.successor);
    const [dispatch] = await dispatchesIn(deleted);
    await dispatches.deleteDispatch(dispatch!.id, deleted.scene.service.room);
    for (const call of [removed, deleted]) {
      const { body, authorization } = await departure(call.successor);
      for (const { port } of others) {
        expect(await postWebhook(port, { body, authorization })).to.equal(200);
      }
      // Now that no bot is there, the loss of the first one is told once more.
      await repeatToAll(await departure(call.lost));
      expect(await botsIn(call.scene.service)).to.deep.equal([]);
    }
    expect(await counted('failed')).to.equal(0);
  });
});
