import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { publishVoice } from '../support/patientVoice.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { DOCUMENTS } from './documents.js';
import { type PrintedWorker, runAsPrinted } from './printedWorker.js';
import { run, snippet } from './snippets.js';

const SOON = 30_000;
/** The start of npx, the compiler and the SDK comes first, and one announcement may be missed. */
const PATIENCE = 90_000;
const A_WHILE = 5_000;
const HOLD = 440;
/** Of demo/assets/ringback.mp3. */
const RINGBACK = 425;
/** What the README names that exists nowhere. */
const ASSET_URL = 'https://assets.example.com/hold-music.mp3';
const ROOM = 'call-1';
const EXPORTED = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'];

const RUN_IT = snippet('bash', 'npm ci');
const CURL = snippet('bash', 'curl');
const EXAMPLES = snippet('bash', 'demo/examples');
/** Commands within sentences that are run below. */
const RUN_HERE = [
  'npm ci',
  'npm run build',
  'npm pack',
  'npm run pack:operators',
  'npm run docs:api',
];
const OF_MINUTES = 'measures for minutes, on a machine with nothing else to do';
const CLUSTER = 'needs a cluster';
const DOCKER = 'needs a Docker engine; spec/image replays the steps of the Dockerfile';
const SET_IMAGE =
  'kubectl set image deploy/livekit-media-bot-service ' +
  'livekit-media-bot-service=registry.freston.io/intento/tenantator/media-bot:<sha> -n livekit';
const DOCTOR =
  'kubectl exec deploy/livekit-media-bot-service -n livekit -- node dist/lib/cli/mediaBot.js doctor';
/** Why the specs of this folder do not run a command of the documents. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm test': 'runs this spec',
  'npm run check': 'npm test begins with it',
  'npm run demo': 'run by spec/demo/demo-spec.ts',
  'npm run playground': 'run by spec/demo/playground/playground-spec.ts',
  'npx media-bot': 'run by spec/package/package-spec.ts',
  'node dist/lib/cli/mediaBot.js': 'its program is run by spec/lib/cli/mediaBot-spec.ts',
  'npm run start:agent': 'its program is run by spec/lib/agent-spec.ts',
  'npm run test:soak': 'listens for minutes, on a machine with nothing else to do',
  'npm run image:size': 'spec/image replays the same steps',
  'docker build -t media-bot .': DOCKER,
  'docker run --read-only --tmpfs /tmp --env-file settings.env -p 8081:8081 media-bot': DOCKER,
  'helm install media-bot helm/media-bot -n livekit': CLUSTER,
  'helm test': CLUSTER,
  'helm test media-bot -n livekit --logs': `${CLUSTER}; its program is run by spec/lib/smokeTest-spec.ts`,
  'helm upgrade': CLUSTER,
  'helm upgrade --wait': CLUSTER,
  'kubectl rollout restart deploy/livekit-media-bot-service -n livekit': CLUSTER,
  [SET_IMAGE]: CLUSTER,
  'npm run bench:chaos': OF_MINUTES,
  'npm run bench:churn': OF_MINUTES,
  'npm run bench:handover': OF_MINUTES,
  [DOCTOR]: `${CLUSTER}; its program is run by spec/lib/doctor/doctor-spec.ts`,
  'npm run bench:density': OF_MINUTES,
  'npm run bench:first-audio': OF_MINUTES,
  'npm run bench:isolation': OF_MINUTES,
  'npm run bench:sentiment': OF_MINUTES,
  'npm run bench:transcript-latency': OF_MINUTES,
  'npm run bench:transcription-cost': OF_MINUTES,
  'npm run bench:vad': OF_MINUTES,
  'npm run bench:vad-cost': OF_MINUTES,
};

const INLINE = /`((?:npm|npx|node|git|curl|kubectl|helm|docker) [^`]+|\.ci\/run)`/g;
const BLOCK = /^```(?:bash|sh|shell|console)\n([^]*?)^```$/gm;

/** The commands of a document: of its sentences and tables, and each line of blocks that are not run. */
function commandsOf(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  const blocks = [...text.matchAll(BLOCK)].map(([, block = '']) => block);
  const inline = [...text.replaceAll(BLOCK, '').matchAll(INLINE)].map(([, it = '']) => it);
  const lines = blocks
    .filter((block) => ![RUN_IT, CURL, EXAMPLES].includes(block))
    .flatMap((block) => block.replaceAll('\\\n', '').split('\n'))
    .map((line) => line.trim().replaceAll(/ {2,}/g, ' '))
    .filter((line) => line !== '' && !line.startsWith('#'));
  return [...inline, ...lines];
}

describe('commands of the documents', () => {
  it('should be run, or have a reason not to be', () => {
    const named = new Set(DOCUMENTS.flatMap(commandsOf));
    expect(named).to.include('npm run demo');
    expect([...named]).to.have.members([...RUN_HERE, ...Object.keys(NOT_RUN)]);
  });
});

type LogLine = Readonly<Record<string, unknown>>;
const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as LogLine);
/** What a line is about, and which fields it has. */
const fieldsOf = (line: LogLine) =>
  `${String(line.process)}: ${String(line.message)} ${Object.keys(line).toSorted().join()}`;

/** A machine that is busy with npm and the compiler is no reason to turn a call away here. */
const PATIENT = {
  MEDIA_BOT_LOAD_THRESHOLD: '1',
  MEDIA_BOT_DRAIN_SECONDS: '10',
  MEDIA_BOT_ICE_SERVERS: 'none',
};

describe('the README as it is printed', function () {
  this.timeout(300_000);
  const server = useLiveKitServer();
  let assets: AssetServer;
  let worker: PrintedWorker | undefined;
  let service: CallService;
  let caller: DemoParticipant;
  let colleague: DemoParticipant;

  const access = () => {
    const { url, apiKey, apiSecret } = server();
    return [url, apiKey, apiSecret];
  };
  /** The commands with the values of the exports that say where LiveKit is, and nothing else changed. */
  const withAccess = (commands: string) =>
    EXPORTED.reduce((text, name, index) => {
      const value = new RegExp(`\\b${name}=\\S+`);
      expect(text).to.match(value);
      return text.replace(value, `${name}=${access()[index]}`);
    }, commands);

  before(async function () {
    this.timeout(600_000);
    assets = await startAssetServer({
      hold: { body: await toneMp3([{ hz: HOLD, ms: 3_000 }]) },
      busy: { body: await toneMp3([{ hz: 880, ms: 300 }]) },
    });
    const settings = { ...PATIENT, MEDIA_BOT_ASSET_ORIGINS: assets.origin };
    worker = await runAsPrinted(withAccess(RUN_IT), settings);
  });
  after(async () => {
    await worker?.stop();
    worker?.remove();
    await assets.close();
  });

  describe('Call it', () => {
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
    const shell = () => ({
      cwd: worker!.folder,
      env: {
        PATH: process.env.PATH,
        ...Object.fromEntries(EXPORTED.map((name, index) => [name, access()[index]])),
      },
    });
    const runTypeScript = (text: string) => {
      writeFileSync(join(worker!.folder, 'call.ts'), text);
      return run(process.execPath, ['--import', 'tsx', 'call.ts'], shell());
    };
    /** As the README has it: a Call Service that sees no bot, as on a busy machine, dispatches again. */
    const dispatched = async (snippet: () => Promise<unknown>, attempts = 6): Promise<string> => {
      await snippet();
      return service.botJoined(A_WHILE).catch((error: unknown) => {
        if (attempts === 1) throw error;
        return dispatched(snippet, attempts - 1);
      });
    };
    const plays = async (snippet: () => Promise<unknown>) => {
      await dispatched(snippet);
      // Of two that were dispatched one stays, and not always the one that came first.
      const { from: bot } = await caller.waitForTone(HOLD, { within: SOON });
      expect(bot).to.match(/^media-bot-/);
      const playing = (map: Readonly<Record<string, string>>) => map['media.status'] === 'playing';
      await colleague.waitForAttributes('caller', playing, SOON);
      return bot;
    };

    it('should bring the bot and put the caller on hold, with the client', async () => {
      await enter('client');
      const text = filled(snippet('ts', 'MediaBotClient'), 'client');
      // Whether the bot comes at the first dispatch is up to how busy the machine is.
      const bot = await plays(() => runTypeScript(text).catch(() => undefined));
      expect(await runTypeScript(text)).to.include({ stdout: 'on hold true\n' });
      const running = (map: Readonly<Record<string, string>>) => map['stt.status'] === 'running';
      await service.attributes(bot, running, SOON);
    });

    it('should bring the bot and play, in TypeScript', async () => {
      await enter('typescript');
      const text = filled(snippet('ts', 'createDispatch'), 'typescript');
      await plays(() => runTypeScript(text));
      // As the story ends that docs/operations.md tells.
      const closed = service.roomClosed(SOON);
      await service.play('caller', { url: assets.urlOf('busy') });
      await closed;
    });

    it('should transcribe everybody from the start, where the dispatch says so', async () => {
      await enter('transcribed');
      const [dispatch = ''] = /createDispatch\(room, 'media-bot', \{.*?\}\)(?=`)/.exec(
        readFileSync('README.md', 'utf8'),
      )!;
      const plain = snippet('ts', 'createDispatch');
      const text = plain.replace("createDispatch(room, 'media-bot')", dispatch);
      expect(text).to.not.equal(plain);
      const bot = await plays(() => runTypeScript(filled(text, 'transcribed')));
      const running = (map: Readonly<Record<string, string>>) => map['stt.status'] === 'running';
      expect(await service.attributes(bot, running, SOON)).to.include({
        'stt.provider': 'deepgram',
      });
    });

    it('should bring the bot and play, with curl', async () => {
      await enter('curl');
      await plays(() => run('bash', ['-euc', filled(CURL, 'curl')], shell()));
    });
  });

  describe('Reuse the operators', () => {
    const [exports = '', announcer = '', minuteTaker = ''] = EXAMPLES.split('\n');
    /** Starts an example, which ends with its room. */
    const startExample = (command: string) => {
      const commands = withAccess(`${exports}\n${command}`);
      return run('bash', ['-euc', commands], { cwd: worker!.folder });
    };

    beforeEach(async () => {
      service = await openCall(server(), { room: ROOM, dispatch: false });
      caller = await joinRoom(server(), { room: ROOM, identity: 'caller' });
    });
    afterEach(async () => {
      await caller.leave();
      await service.close();
    });

    it('should announce in a room', async () => {
      const example = startExample(announcer);
      await caller.waitForTone(RINGBACK, { within: PATIENCE, from: 'announcer' });
      await deleteRoomUntil(example, service);
    });

    it('should take minutes in a room', async () => {
      const example = startExample(minuteTaker);
      const output = createInterface({ input: example.child.stdout! });
      // Whoever listens later may miss it.
      const printed = once(output, 'line');
      await publishVoice(caller);
      expect(await printed).to.deep.equal(['listening to caller']);
      await deleteRoomUntil(example, service);
    });
  });

  // Specs outside of a `describe` would run before those within.
  describe('Reuse the operators, and Operate', () => {
    it('should make an archive of the package', async () => {
      const { stdout } = await run('npm', ['pack', '--json'], { cwd: worker!.folder });
      const [{ files }] = JSON.parse(stdout) as [{ files: readonly { path: string }[] }];
      expect(files.map(({ path }) => path)).to.include('dist/operators/index.js');
    });

    it('should write the reference of the operators', async () => {
      await run('npm', ['run', 'docs:api'], { cwd: worker!.folder });
      const page = readFileSync(join(worker!.folder, 'dist/api/index.html'), 'utf8');
      expect(page).to.include('functions/loopUntil.html');
    });

    it('should end with 0 on SIGTERM', async () => {
      expect(await worker!.stop()).to.equal(0);
    });

    it('should make an archive of the operators', async () => {
      await run('npm', ['run', 'pack:operators'], { cwd: worker!.folder });
      expect(readdirSync(join(worker!.folder, 'dist')).join()).to.match(/operators-.*\.tgz/);
    });

    it('should have logged the story of a call as docs/operations.md tells it', () => {
      const told = /^```json\n([^]*?)^```$/m.exec(readFileSync('docs/operations.md', 'utf8'))!;
      const story = parsed(told[1]!.trimEnd().split('\n'));
      const logged = parsed(worker!.lines.filter((line) => line.startsWith('{"')));
      const kinds = logged.map(fieldsOf);
      expect(story.map(({ message }) => message)).to.include.members(['room joined', 'call ended']);
      for (const line of story) {
        expect(kinds).to.include(fieldsOf({ ...line, timestamp: '', pid: 0 }));
      }
    });
  });
});
