import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { freePort } from '../../demo/freePort.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { showsMetrics } from '../support/showsMetrics.js';

const SOON = 20_000;
const MUSIC = 1_500;
const VOICE = 440;

describe('the metrics of the worker process', function () {
  this.timeout(4 * SOON);
  const server = useLiveKitServer();
  let assets: AssetServer;
  let bot: BotProcess;
  let call: CallService;
  let people: readonly DemoParticipant[] = [];
  let page: string;

  before(async () => {
    assets = await startAssetServer({ hold: { body: await toneMp3([{ hz: MUSIC, ms: 1_000 }]) } });
  });
  beforeEach(async () => {
    const port = await freePort();
    page = `http://127.0.0.1:${port}/metrics`;
    bot = await startBot(server(), {
      env: {
        MEDIA_BOT_PROMETHEUS_PORT: String(port),
        MEDIA_BOT_ASSET_ORIGINS: assets.origin,
        MEDIA_BOT_LOAD_THRESHOLD: '1',
        MEDIA_BOT_DRAIN_SECONDS: '0',
      },
    });
    call = await openCall(server(), { room: `room-${randomUUID()}` });
    people = [];
  });
  afterEach(async () => {
    await Promise.all(people.map((person) => person.leave()));
    await call.close();
    await bot.stop();
  });
  after(() => assets.close());

  const join = async (identity: string, kind: 'sip' | 'standard') => {
    const person = await joinRoom(server(), { room: call.room, identity, kind });
    people = [...people, person];
    return person;
  };

  const shows = (...samples: readonly string[]) => showsMetrics(page, samples, SOON);

  const hold = async (identity: string) => {
    const id = await call.play(identity, { url: assets.urlOf('hold'), loop: true });
    await call.answer(identity, id, SOON, 'playing');
    await call.attributes(identity, (map) => map['media.held'] === 'true', SOON);
  };

  it('should show the worker and what a hold has come to, and name nobody', async () => {
    await shows('media_bot_registered 1', 'media_bot_hosts{state="ready"} 2', 'media_bot_calls 1');
    const caller = await join('caller', 'sip');
    const agent = await join('agent', 'standard');
    await agent.speak(VOICE);
    // By then the bot knows of that voice, too.
    await caller.waitForTone(VOICE, { within: SOON });
    await hold(caller.identity);
    const text = await shows(
      'media_bot_jobs_accepted_total 1',
      'media_bot_answers_total{status="playing",error=""} 1',
      'media_bot_asset_fetches_total{outcome="fetched"} 1',
      'media_bot_isolations_total 1',
      'media_bot_isolation_seconds_count 1',
      'media_bot_isolation_repairs_total 0',
    );
    expect(text).to.match(/^media_bot_asset_cache_bytes\{tier="memory"\} \d{4,}$/m);
    for (const name of [call.room, caller.identity, agent.identity, 'media-bot-', assets.origin]) {
      expect(text).not.to.include(name);
    }
  });

  it('should count what comes to a standing hold as a repair', async () => {
    await join('caller', 'sip');
    const agent = await join('agent', 'standard');
    await hold('caller');
    await shows('media_bot_isolations_total 1', 'media_bot_isolation_repairs_total 0');
    await agent.speak(VOICE);
    await shows('media_bot_isolations_total 1', 'media_bot_isolation_repairs_total 1');
  });

  it('should keep what a host has counted that is killed', async () => {
    await join('caller', 'sip');
    await hold('caller');
    await shows('media_bot_isolations_total 1');
    const { pid } = await bot.waitForLog(
      ({ job, process: name }) => job !== undefined && name === 'host',
      SOON,
    );
    process.kill(Number(pid), 'SIGKILL');
    // The host that takes the call over has the isolation accepted anew.
    await shows(
      'media_bot_hosts{state="ready"} 2',
      'media_bot_isolations_total 2',
      'media_bot_takeovers_total{outcome="taken_over"} 1',
      'media_bot_takeovers_total{outcome="given_up"} 0',
    );
  });
});
