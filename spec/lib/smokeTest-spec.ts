import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { type Room, RoomServiceClient } from 'livekit-server-sdk';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { freePort } from '../../demo/freePort.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

/** Of the rooms that it opens; the server's own is another. */
const EMPTY_ROOM_SECONDS = 60;

/** One line of its log; text that is no JSON is in `message`. */
interface Line {
  readonly message: string;
  readonly bot?: string;
  readonly error?: { readonly message: string; readonly cause?: { readonly message: string } };
}

const parse = (line: string): Line =>
  line.startsWith('{') ? (JSON.parse(line) as Line) : { message: line };

describe('the smoke test of a deployment', function () {
  this.timeout(120_000);
  const server = useLiveKitServer();
  let bot: BotProcess;

  before(async () => {
    bot = await startBot(server(), { env: { MEDIA_BOT_DRAIN_SECONDS: '0' } });
  });
  after(() => bot.stop());

  const start = (env: NodeJS.ProcessEnv, seconds: number) => {
    const { url, apiKey, apiSecret } = server();
    const accounts = { GROQ_API_KEY: 'g', DEEPGRAM_API_KEY: 'd', ELEVENLABS_API_KEY: 'e' };
    const livekit = { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
    const command = ['--import', 'tsx', 'lib/smokeTest.ts', String(seconds)];
    const child = spawn(process.execPath, command, {
      env: { PATH: process.env.PATH, ...livekit, ...accounts, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => lines.push(line));
    }
    const ended = once(child, 'close').then(([code]) => ({
      code: code as number,
      text: lines.join('\n'),
      lines: lines.map(parse),
    }));
    return { child, ended };
  };
  const run = (env: NodeJS.ProcessEnv = {}, seconds = 30) => start(env, seconds).ended;

  /** Not one of the same name that a bot opens anew which has missed the end of its room. */
  const isOwn = ({ emptyTimeout }: Room) => emptyTimeout === EMPTY_ROOM_SECONDS;
  const rooms = async () => {
    const { url, apiKey, apiSecret } = server();
    const client = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret);
    return (await client.listRooms()).filter(isOwn).map(({ name }) => name);
  };

  const messages = (lines: readonly Line[]) => lines.map(({ message }) => message);
  const SOMEBODY_ELSE = { MEDIA_BOT_AGENT_NAME: 'somebody-else' };

  it('should see the bot of a worker come, remove the room, and exit with 0', async () => {
    const { code, lines } = await run();
    expect(messages(lines)).to.deep.equal([
      'dispatching a bot',
      'passed: the bot is there',
      'the room is removed',
    ]);
    expect(lines[1]?.bot).to.match(/^media-bot-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(code).to.equal(0);
    expect(await rooms()).to.deep.equal([]);
  });

  it('should say that no worker takes the dispatch, remove the room, and exit with 1', async () => {
    const { code, lines } = await run(SOMEBODY_ELSE, 2);
    expect(messages(lines)).to.deep.equal(['dispatching a bot', 'failed', 'the room is removed']);
    expect(lines[1]?.error?.message).to.equal(
      'no bot within 2 s: is a worker registered as somebody-else, with room?',
    );
    expect(code).to.equal(1);
    expect(await rooms()).to.deep.equal([]);
  });

  it('should remove the room when it is interrupted', async () => {
    const { child, ended } = start(SOMEBODY_ELSE, 60);
    while ((await rooms()).length === 0) expect(child.exitCode).to.equal(null);
    child.kill('SIGTERM');
    const { code, lines } = await ended;
    expect(messages(lines)).to.deep.equal(['dispatching a bot', 'failed', 'the room is removed']);
    expect(lines[1]?.error?.message).to.equal('interrupted by SIGTERM');
    expect(code).to.equal(1);
    expect(await rooms()).to.deep.equal([]);
  });

  it('should say that LiveKit refuses the key, and print neither secret nor token', async () => {
    const secret = 'a-secret-that-is-not-to-be-printed-at-all';
    const { code, lines, text } = await run({ LIVEKIT_API_SECRET: secret });
    expect(lines[1]?.error?.message).to.match(/^invalid token: \[redacted\]/);
    expect(text).not.to.match(/eyJ|a-secret/);
    expect(code).to.equal(1);
  });

  it('should say that LiveKit does not answer', async () => {
    const { code, lines } = await run({ LIVEKIT_URL: `ws://127.0.0.1:${await freePort()}` });
    expect(lines[1]?.error?.cause?.message).to.include('ECONNREFUSED');
    expect(code).to.equal(1);
  });

  it('should exit with 78 without settings', async () => {
    const { code, text } = await run({ LIVEKIT_URL: '' });
    expect(text).to.equal('LIVEKIT_URL is required');
    expect(code).to.equal(78);
  });
});
