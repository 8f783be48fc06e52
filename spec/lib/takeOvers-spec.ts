import { expect } from 'chai';
import { filter, skip, take } from 'rxjs';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { now } from '../../demo/participants/heardWindows.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { bringBot } from '../support/bringBot.js';
import { openScene, type Scene } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { forgivingPhraseBook } from '../support/forgivingPhraseBook.js';
import { useProviders } from '../support/useProviders.js';
import { useScene } from '../support/useScene.js';
import { botsIn } from '../support/botsIn.js';
import { showsMetrics } from '../support/showsMetrics.js';
import { repeatUntil } from '../support/repeatUntil.js';

const SOON = 30_000;
const MUSIC = 1_500;
const CALLS = 2;

interface HeldCall {
  readonly scene: Scene;
  readonly bot: string;
  readonly caller: DemoParticipant;
  readonly colleague: DemoParticipant;
  readonly supervisor: DemoParticipant;
}

describe('calls whose hosts die', function () {
  this.timeout(180_000);
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
  }));
  const { providers, phrase } = useProviders(forgivingPhraseBook);
  let bot: BotProcess;
  let page: string;
  let scenes: Scene[];

  beforeEach(async () => {
    const port = await freePort();
    page = `http://127.0.0.1:${port}/metrics`;
    scenes = [];
    bot = await startBot(stage.server(), {
      env: {
        ...providers().env,
        MEDIA_BOT_ASSET_ORIGINS: stage.assets().origin,
        MEDIA_BOT_PROMETHEUS_PORT: String(port),
      },
    });
  });
  afterEach(async () => {
    await bot.stop('SIGKILL');
    await Promise.all(scenes.map((scene) => scene.close()));
  });

  async function openCall(): Promise<HeldCall> {
    const scene = await openScene(stage.server(), stage.assets(), true);
    scenes.push(scene);
    const caller = await scene.join('caller');
    const colleague = await scene.join('colleague', { kind: 'standard' });
    // Reads, and hears nothing: sound is most of the work of this process.
    const grants = { canPublish: false, canSubscribe: false };
    const supervisor = await scene.join('supervisor', { kind: 'agent', grants });
    const identity = await bringBot(scene.service, '{"stt":{"enabled":true,"language":"en"}}');
    await scene.service.play('caller', { url: stage.assets().urlOf('music'), loop: true });
    await scene.service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
    await caller.waitForTone(MUSIC, { within: SOON, from: identity });
    await scene.service.attributes(identity, (map) => map['stt.status'] === 'running', SOON);
    return { scene, bot: identity, caller, colleague, supervisor };
  }
  const lines = (message: string) =>
    bot.logs.pipe(filter((line) => line.process === 'host' && line.message === message));
  /** The hosts that carry calls now. */
  const hosts = () =>
    new Map(
      seenSoFar(lines('room joined')).map(({ room, pid }) => [String(room), Number(pid)] as const),
    );
  /** Kills one host, or all, and resolves when all of their calls have music again. */
  async function kill(pids: readonly number[], calls: readonly HeldCall[]): Promise<void> {
    const joins = seenSoFar(lines('room joined')).length;
    const lost = [...hosts().values()].filter((pid) => pids.includes(pid)).length;
    const again = lines('room joined').pipe(skip(joins + lost - 1), take(1));
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await firstWithin(again, SOON, 'their rooms');
    const since = now();
    await Promise.all(
      calls.map(({ caller, bot: from }) =>
        caller.waitForTone(MUSIC, { within: SOON, from, since }),
      ),
    );
  }
  const textsOf = ({ supervisor }: HeldCall) =>
    seenSoFar(supervisor.transcripts).map(({ packet }) => packet.text);
  /** When the bot listens (again) nobody is told: what is said before then has no text. */
  async function understood(call: HeldCall, name: string): Promise<void> {
    const said = phrase(name);
    const text = call.supervisor.transcripts.pipe(
      filter(({ packet }) => packet.text === said.text),
    );
    await repeatUntil(firstWithin(text, 2 * SOON, said.text), () => call.colleague.say(said));
  }
  const shows = (...samples: readonly string[]) => showsMetrics(page, samples, SOON);
  async function expectOneBot({ scene, bot: identity }: HeldCall): Promise<void> {
    expect(await botsIn(scene.service)).to.deep.equal([identity]);
  }

  it('should all go on when one host is killed after the other', async () => {
    const calls: HeldCall[] = [];
    while (calls.length < CALLS) calls.push(await openCall());
    const [call] = calls as [HeldCall];
    await understood(call, 'en-happy');
    // It may have been said again before it was read: what is left of it is read before this.
    await understood(call, 'en-thanks');
    const published = seenSoFar(call.supervisor.transcripts).length;
    const [one, other] = [...new Set(hosts().values())] as [number, number];
    expect(other, 'a second host with calls').to.be.a('number');
    await kill([one], calls);
    await shows(`media_bot_takeovers_total{outcome="taken_over"} ${CALLS / 2}`);
    await shows('media_bot_hosts{state="ready"} 2');
    await kill([other], calls);
    await shows(
      `media_bot_takeovers_total{outcome="taken_over"} ${CALLS / 2 + CALLS}`,
      'media_bot_takeovers_total{outcome="given_up"} 0',
      'media_bot_hosts_left_total{how="died"} 2',
      'media_bot_hosts{state="ready"} 2',
      `media_bot_calls ${CALLS}`,
      'media_bot_registered 1',
    );
    await Promise.all(calls.map(expectOneBot));
    await understood(call, 'en-patience');
    expect(textsOf(call).slice(published), 'after the deaths').not.to.include(
      phrase('en-happy').text,
    );
    expect(seenSoFar(call.caller.transcripts), 'read by who is on hold').to.deep.equal([]);
  });

  it('should all go on when all hosts are killed at once', async () => {
    const calls = [await openCall(), await openCall()];
    const pids = [...new Set(hosts().values())];
    expect(pids, 'hosts with calls').to.have.lengthOf(2);
    await kill(pids, calls);
    // One of them may have been handed to the other host before that one's end was seen.
    await shows(
      'media_bot_takeovers_total{outcome="given_up"} 0',
      'media_bot_hosts_left_total{how="died"} 2',
      'media_bot_hosts{state="ready"} 2',
      'media_bot_calls 2',
    );
    await Promise.all(calls.map(expectOneBot));
  });
});
