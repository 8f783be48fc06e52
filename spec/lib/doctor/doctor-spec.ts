import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type Room, RoomServiceClient } from 'livekit-server-sdk';
import { exhaustMap, timer } from 'rxjs';
import { type AssetServer, startAssetServer } from '../../../demo/assetServer.js';
import { freePort } from '../../../demo/freePort.js';
import { type LiveKitServer, startLiveKitServer } from '../../../demo/livekitServer.js';
import { CHECK_NAMES, type CheckName } from '../../../lib/doctor/checkNames.js';
import type { Finding } from '../../../lib/doctor/doctor.js';
import { type ApiProxy, startApiProxy } from '../../support/apiProxy.js';
import { inParallel } from '../../support/inParallel.js';
import { runMediaBot, serverEnv } from '../../support/runMediaBot.js';
import { useCommandedBot } from '../../support/useCommandedBot.js';

const SECRET = 'not-to-be-shown-not-to-be-shown-not-to-be-shown';
/** Runs before everything else, and has the process live an hour from now. */
const AN_HOUR_AHEAD = `data:text/javascript,${encodeURIComponent(`
  const now = Date.now;
  globalThis.Date = class extends Date {
    constructor(...args) { args.length === 0 ? super(now() + 3_600_000) : super(...args); }
    static now() { return now() + 3_600_000; }
  };
`)}`;

interface Fault {
  readonly env?: () => Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly nodeOptions?: readonly string[];
  /** What it is told as, whole or in part. */
  readonly found: Readonly<Partial<Record<CheckName, RegExp>>>;
  /** What cannot be looked at then. */
  readonly skipped?: readonly CheckName[];
}

const BEHIND_THE_ADDRESS = ['clock', 'keys', 'permissions', 'media'] as const;
const BEHIND_THE_KEYS = ['permissions', 'media'] as const;
const BEHIND_THE_SETTINGS = ['ice', 'deepgram', 'elevenlabs', 'groq'] as const;
const isDoctors = ({ name }: Room) => name.includes('doctor');
const limitedTo = (...checks: readonly CheckName[]) => ['--only', checks.join()];
/** All but the agent: a machine that is busy with others may have no room for a call. */
const MOST = limitedTo(...CHECK_NAMES.filter((name) => name !== 'agent'));
const PROVIDERS = limitedTo('settings', 'deepgram', 'elevenlabs', 'groq');

describe('media-bot doctor', function () {
  this.timeout(180_000);
  const stage = useCommandedBot();
  let closedPort: string;
  let noLiveKit: AssetServer;
  let tcpOnly: LiveKitServer;
  let proxy: ApiProxy;
  let stun: Socket;

  before(async () => {
    closedPort = `127.0.0.1:${await freePort()}`;
    noLiveKit = await startAssetServer({});
    tcpOnly = await startLiveKitServer({ tcpOnly: true });
    proxy = await startApiProxy(stage.server().url);
    proxy.fail('error', 'UpdateParticipant');
    stun = await startStun();
  });
  after(async () => {
    stun.close();
    await Promise.all([noLiveKit.close(), proxy.close(), tcpOnly.stop()]);
  });

  const stunAddress = () => `stun:127.0.0.1:${stun.address().port}`;
  const healthy = () => ({
    ...serverEnv(stage.server()),
    ...stage.speech().env,
    MEDIA_BOT_ICE_SERVERS: stunAddress(),
  });
  const examine = async (fault: Omit<Fault, 'found'> = {}) => {
    const { env = () => ({}), flags = MOST, nodeOptions = [] } = fault;
    const args = ['doctor', '--json', ...flags];
    const result = await runMediaBot(args, { ...healthy(), ...env() }, nodeOptions);
    const findings = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Finding);
    return { ...result, findings };
  };
  const checksOf = (findings: readonly Finding[], status: Finding['status']) =>
    findings.filter((finding) => finding.status === status).map(({ check }) => check);

  const url = (address: string) => () => ({ LIVEKIT_URL: address });
  const FAULTS: Readonly<Record<string, Fault>> = {
    'a port that refuses': {
      env: () => ({ LIVEKIT_URL: `ws://${closedPort}` }),
      found: { address: /ECONNREFUSED/ },
      skipped: BEHIND_THE_ADDRESS,
    },
    'a name that does not resolve': {
      env: url('wss://livekit.invalid'),
      found: { name: /^livekit\.invalid cannot be resolved/ },
      skipped: ['address', ...BEHIND_THE_ADDRESS],
    },
    'an address that is none': {
      env: url('livekit.example'),
      found: { settings: /^LIVEKIT_URL must be/, name: /^LIVEKIT_URL is no ws/ },
      skipped: ['address', ...BEHIND_THE_ADDRESS, ...BEHIND_THE_SETTINGS],
    },
    'an HTTP server that is no LiveKit': {
      env: () => ({ LIVEKIT_URL: noLiveKit.origin }),
      found: { address: / answers 404, and not as LiveKit does$/ },
      skipped: BEHIND_THE_ADDRESS,
    },
    'TLS where none is spoken': {
      env: () => ({ LIVEKIT_URL: stage.server().url.replace('ws:', 'wss:') }),
      found: { address: /cannot be reached: .*(SSL|EPROTO)/ },
      skipped: BEHIND_THE_ADDRESS,
    },
    'an unknown key': {
      env: () => ({ LIVEKIT_API_KEY: 'unknown' }),
      found: { keys: /it knows no such key$/ },
      skipped: BEHIND_THE_KEYS,
    },
    'a wrong secret': {
      env: () => ({ LIVEKIT_API_SECRET: SECRET }),
      found: { keys: /it is not that of the key$/ },
      skipped: BEHIND_THE_KEYS,
    },
    'a clock that is wrong': {
      nodeOptions: ['--import', AN_HOUR_AHEAD],
      found: { clock: /^3(599|6\d\d) s ahead of/, keys: /the clocks .* differ$/ },
      skipped: BEHIND_THE_KEYS,
    },
    'a request that is not allowed': {
      flags: limitedTo('keys', 'permissions'),
      env: () => ({ LIVEKIT_URL: proxy.url }),
      found: { permissions: /^UpdateParticipant: / },
    },
    'media that has no way by UDP': {
      flags: limitedTo('keys', 'permissions', 'media'),
      env: () => serverEnv(tcpOnly),
      found: { media: /^falls back to TCP/ },
    },
    'no worker of that name': {
      flags: [...limitedTo('keys', 'agent'), '--agent-name', 'nobody', '--timeout', '1'],
      found: { agent: /^no bot within 1 s: is a worker registered as nobody/ },
    },
    'ICE servers that do not answer': {
      flags: limitedTo('settings', 'ice'),
      env: () => ({
        MEDIA_BOT_ICE_SERVERS: `stun:${closedPort},${stunAddress()}`,
      }),
      found: { ice: /^no answer from stun:127\.0\.0\.1:\d+$/ },
    },
    'TURN servers without credentials': {
      flags: limitedTo('settings', 'keys', 'media', 'ice'),
      env: () => ({ MEDIA_BOT_ICE_SERVERS: 'turn:127.0.0.1:3478' }),
      found: {
        media: /^does not connect: engine: /,
        ice: /^turn:127\.0\.0\.1:3478 without credentials: no room can be joined$/,
      },
    },
    'keys that the providers refuse': {
      flags: PROVIDERS,
      env: () => ({ DEEPGRAM_API_KEY: SECRET, ELEVENLABS_API_KEY: SECRET, GROQ_API_KEY: SECRET }),
      found: {
        deepgram: /^Deepgram refused the connection: 401/,
        elevenlabs: /^ElevenLabs answered 401/,
        groq: /^Groq answered 401/,
      },
    },
    'providers that cannot be reached': {
      flags: PROVIDERS,
      env: () => ({
        DEEPGRAM_BASE_URL: `http://${closedPort}`,
        ELEVENLABS_BASE_URL: `http://${closedPort}`,
        GROQ_BASE_URL: `http://${closedPort}`,
      }),
      found: {
        deepgram: /^Deepgram cannot be reached/,
        elevenlabs: /^ElevenLabs cannot be reached/,
        groq: /^Groq cannot be reached/,
      },
    },
    'settings that are malformed': {
      env: () => ({ MEDIA_BOT_GAIN: '7', GROQ_API_KEY: '' }),
      found: {
        settings: /^GROQ_API_KEY is required; MEDIA_BOT_GAIN must be a number from 0 to 1$/,
      },
      skipped: BEHIND_THE_SETTINGS,
    },
  };

  const found = inParallel(Object.keys(FAULTS), { atATime: 4, within: 170_000 }, async (name) => {
    const { found, skipped = [], ...fault } = FAULTS[name]!;
    const { code, stdout, stderr, findings } = await examine(fault);
    expect([code, stderr]).to.deep.equal([1, '']);
    expect(checksOf(findings, 'wrong')).to.have.members(Object.keys(found));
    expect(checksOf(findings, 'skipped')).to.have.members(skipped);
    for (const [check, detail] of Object.entries(found)) {
      const finding = findings.find((it) => it.check === check)!;
      expect(finding.detail).to.match(detail);
      expect(finding.advice).to.match(/\w/);
    }
    expect(stdout).not.to.match(/eyJ|not-to-be-shown/);
  });

  for (const name of Object.keys(FAULTS)) it(`should find ${name}`, () => found(name));

  it('should find nothing wrong where nothing is, and leave nothing behind', async () => {
    const all = async (attempt = 1): ReturnType<typeof examine> => {
      const result = await examine({ flags: ['--timeout', '20'] });
      return result.code === 0 || attempt === 3 ? result : all(attempt + 1);
    };
    const { url: address, apiKey, apiSecret } = stage.server();
    const api = new RoomServiceClient(address, apiKey, apiSecret);
    const doctors = () => api.listRooms().then((list) => list.filter(isDoctors));
    const opened = new Map<string, string>();
    const watching = timer(0, 20)
      .pipe(exhaustMap(doctors))
      .subscribe({
        next: (rooms) => {
          for (const { name, sid } of rooms) if (!opened.has(name)) opened.set(name, sid);
        },
        error: () => undefined,
      });
    const { code, findings } = await all().finally(() => watching.unsubscribe());
    expect(findings.map(({ check }) => check)).to.deep.equal(CHECK_NAMES);
    expect(checksOf(findings, 'ok')).to.deep.equal(CHECK_NAMES);
    expect(code).to.equal(0);
    // A bot that has missed the end of its room opens it anew, see `deleteRoomUntil`.
    const isLeft = ({ name, sid }: Room) => (opened.get(name) ?? sid) === sid;
    expect((await doctors()).filter(isLeft)).to.deep.equal([]);
  });

  it('should say it in a line for each check', async () => {
    const flags = limitedTo('settings', 'name', 'clock', 'keys');
    const { stdout, code } = await runMediaBot(['doctor', ...flags], {
      ...healthy(),
      LIVEKIT_API_SECRET: SECRET,
    });
    expect(code).to.equal(1);
    expect(stdout.split('\n').map((line) => line.slice(0, 20).trimEnd())).to.deep.equal([
      ...['ok     settings', 'ok     name', 'ok     clock', 'WRONG  keys', ''],
    ]);
  });
});

/** Answers every Binding request with success. */
async function startStun(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (request, { port, address }: AddressInfo) => {
    const answer = Buffer.from(request.subarray(0, 20));
    answer.writeUInt16BE(0x0101, 0);
    socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
