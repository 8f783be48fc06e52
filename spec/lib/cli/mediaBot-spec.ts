import '../../../demo/participants/quietRtcNode.js';

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { RoomServiceClient } from 'livekit-server-sdk';
import { filter } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { freePort } from '../../../demo/freePort.js';
import { MediaBotClient } from '../../../lib/client/client.js';
import { deleteRoomUntil } from '../../support/deleteRoomUntil.js';
import { runMediaBot, serverEnv, startMediaBot } from '../../support/runMediaBot.js';
import { publishVoice } from '../../support/patientVoice.js';
import { useCommandedBot } from '../../support/useCommandedBot.js';

const SOON = 30_000;

describe('media-bot', function () {
  this.timeout(120_000);
  const stage = useCommandedBot();
  const inRoom = () => ['--room', stage.room()];
  const toCaller = () => [...inRoom(), '--identity', 'caller'];
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runMediaBot(args, { ...serverEnv(stage.server()), ...env });
  /** What it prints as JSON. */
  const runJson = async (
    ...args: readonly string[]
  ): Promise<Readonly<Record<string, unknown>>> => {
    const { stdout, stderr, code } = await run([...args, '--json']);
    expect(stderr).to.equal('');
    return { ...(JSON.parse(stdout) as Readonly<Record<string, unknown>>), code };
  };
  const client = () => new MediaBotClient({ ...stage.server(), room: stage.room() });

  describe('with a bot in the room', () => {
    let bot: string;
    before(async () => {
      await stage.openRoom();
      bot = await stage.dispatched(client());
    });

    it('should command playback, and say what the bot answers', async () => {
      const hold = await runJson('hold', stage.music(), ...toCaller(), '--id', 'one');
      expect(hold).to.deep.equal({ code: 0, id: 'one', status: 'playing', held: true });
      expect(await run(['unhold', ...toCaller()])).to.deep.equal({
        ...{ code: 0, stdout: 'stopped\n', stderr: '' },
      });
      const play = ['play', stage.music(), '--loop', ...toCaller()];
      expect(await runJson(...play)).to.include({ code: 0, status: 'playing' });
      expect(await runJson('stop', ...toCaller())).to.include({ code: 0, status: 'stopped' });
      // Not the announcement, which may have ended before a busy machine asks how it stands.
      const once = ['play', stage.music(), '--on-end', 'keep', ...toCaller()];
      expect(await run(once)).to.deep.equal({ code: 0, stdout: 'playing\n', stderr: '' });
    });

    it('should command transcription, and say who serves it', async () => {
      const on = await run(['transcribe', 'on', '--language', 'en', ...inRoom()]);
      expect(on).to.deep.equal({ code: 0, stdout: 'running, with deepgram\n', stderr: '' });
      expect(await runJson('transcribe', 'off', ...inRoom())).to.include({ status: 'stopped' });
    });

    it('should say what the bot refuses, and exit with 1', async () => {
      const [refused, asJson] = await Promise.all([
        run(['transcribe', 'on', '--language', 'no language', ...inRoom()]),
        run(['hold', '', ...toCaller(), '--json']),
      ]);
      expect(refused).to.include({ code: 1, stdout: '' });
      expect(refused.stderr).to.match(/: invalid_command: .* \(ERR_COMMAND_FAILED\)\n$/);
      const { error } = JSON.parse(asJson.stdout) as { error: { code: string; answer: object } };
      expect(asJson).to.include({ code: 1, stderr: '' });
      expect(error.code).to.equal('ERR_COMMAND_FAILED');
      expect(error.answer).to.include({ status: 'failed' });
    });

    it('should tell what is said and done, until it is interrupted', async () => {
      await client().transcribe({ enabled: true, language: 'en' });
      const watch = startMediaBot(['watch', ...inRoom()], serverEnv(stage.server()));
      const line = (text: RegExp) =>
        firstWithin(watch.lines.pipe(filter((it) => text.test(it))), SOON, String(text));
      await line(new RegExp(`^${bot} is in the room$`));
      await line(/^transcription: running, with deepgram$/);
      const { say, heard } = await publishVoice(stage.caller());
      await heard();
      await say(stage.phrase('en-happy'));
      expect(await line(/^caller: /)).to.equal(
        `caller: ${stage.phrase('en-happy').text} (positive)`,
      );
      watch.child.kill('SIGINT');
      expect(await watch.ended).to.include({ code: 0, stderr: '' });
    });

    it('should watch as JSON, until the room ends', async () => {
      const watch = startMediaBot(['watch', '--json', ...inRoom()], serverEnv(stage.server()));
      const joined = JSON.stringify({ type: 'bot_joined', bot });
      await firstWithin(watch.lines.pipe(filter((line) => line === joined)), SOON, joined);
      const { url, apiKey, apiSecret } = stage.server();
      const rooms = new RoomServiceClient(url, apiKey, apiSecret);
      await deleteRoomUntil(watch.ended, { rooms, room: stage.room() });
      const { code, stdout } = await watch.ended;
      expect(code).to.equal(0);
      expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).to.deep.equal({
        type: 'ended',
        reason: 'ROOM_DELETED',
      });
    });
  });

  it('should tell by its exit code who has not answered, and show no secret', async () => {
    const secret = 'not-to-be-shown-not-to-be-shown-not-to-be-shown';
    const away = `ws://127.0.0.1:${await freePort()}`;
    const [unreachable, unanswered, nobody, refused, unwatched] = await Promise.all([
      run(['stop', ...toCaller()], { LIVEKIT_URL: away }),
      run(['hold', stage.music(), '--timeout', '0.5', ...toCaller()]),
      run(['stop', ...inRoom(), '-i', 'nobody']),
      run(['stop', ...toCaller(), '--api-secret', secret]),
      run(['watch', ...inRoom(), '--api-secret', secret]),
    ]);
    expect(unreachable.code).to.equal(3);
    expect(unreachable.stderr).to.include('ECONNREFUSED (ERR_UNREACHABLE)');
    expect(unanswered.code).to.equal(3);
    expect(unanswered.stderr).to.include('ERR_NO_ANSWER');
    expect(nobody.code).to.equal(1);
    expect(nobody.stderr).to.include('ERR_NOT_FOUND');
    for (const { code, stdout, stderr } of [refused, unwatched]) {
      expect(code).to.equal(1);
      expect(stderr).to.include('ERR_UNAUTHORIZED');
      expect(stdout + stderr).not.to.match(/eyJ|not-to-be-shown/);
    }
  });

  it('should bring the bot, or say that none came', async () => {
    const dispatch = () => runJson('dispatch', '--transcribe', '--language', 'fr', ...inRoom());
    let result = await dispatch();
    let attempts = 1;
    for (; result.code !== 0 && attempts < 4; attempts += 1) result = await dispatch();
    expect(result.code).to.equal(0);
    // One that came too late for an attempt is there already at the next.
    if (attempts === 1) expect(result.dispatched).to.equal(true);
    const again = await run(['dispatch', ...inRoom()]);
    expect(again.stdout).to.equal(`${String(result.bot)} is there already\n`);
    const room = ['--room', `${stage.room()}-2`];
    const other = ['dispatch', '--agent-name', 'another', '--timeout', '1', ...room];
    expect(await run(other)).to.include({
      code: 1,
      stderr: 'no bot within 1 s: is a worker registered as another, with room? (ERR_NO_BOT)\n',
    });
  });

  it('should exit with 2 where it is used wrongly, and say how', async () => {
    const wrongly = [
      [],
      ['sing'],
      ['stop', '--room', 'r'],
      ['transcribe', 'maybe', '--room', 'r'],
      ['play', 'https://a.example', '--on-end', 'now', '--room', 'r', '-i', 'x'],
      ['stop', '--timeout', '0', '--room', 'r', '-i', 'x'],
      ['stop', '--room', 'r', '-i', 'x', '--id', ''],
      ['stop', '--room', 'r', '-i', 'x', '--url', 'livekit.example'],
      ['doctor', '--only', 'everything'],
      ['doctor', '--timeout', 'soon'],
    ];
    const results = await Promise.all(wrongly.map((args) => run(args)));
    for (const [index, { code, stdout, stderr }] of results.entries()) {
      expect(code, wrongly[index]!.join(' ')).to.equal(2);
      expect([stdout, stderr.length > 10]).to.deep.equal(['', true]);
    }
    const bare = await runMediaBot(['stop', '--room', 'r', '-i', 'x']);
    expect(bare.stderr).to.equal("error: required option '--url <address>' not specified\n");
  });

  it('should help with each command, and its flags as docs/client.md has them', async () => {
    const table = readFileSync('docs/client.md', 'utf8').matchAll(/^\| `media-bot (.*?)` /gm);
    const documented = [...table].map(([, usage = '']) => usage);
    expect(documented).to.have.length(8);
    const help = await run(['--help']);
    expect(help).to.include({ code: 0, stderr: '' });
    await Promise.all(
      documented.map(async (usage) => {
        const [name = ''] = usage.split(' ');
        expect(help.stdout).to.match(new RegExp(`^  ${name} `, 'm'));
        const { code, stdout } = await run([name, '--help']);
        expect(code).to.equal(0);
        for (const [flag] of usage.matchAll(/--[a-z-]+/g)) expect(stdout).to.include(flag);
      }),
    );
  });
});
