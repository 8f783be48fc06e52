import { expect } from 'chai';

import { spawnBot, startBot } from '../../demo/botProcess.js';

const SERVER = { url: 'ws://127.0.0.1:7880', apiKey: 'devkey', apiSecret: 'secret' };
/** A program that is ready after a moment, logs, and ends on SIGTERM in its own way. */
const PROGRAM = `
  const ready = Date.now() + 200;
  console.log(JSON.stringify({ level: 'info', message: 'env', env: process.env }));
  console.error('not JSON');
  process.on('SIGTERM', () => process.exit(7));
  require('http')
    .createServer((_, response) => response.writeHead(Date.now() < ready ? 503 : 200).end())
    .listen(Number(process.env.MEDIA_BOT_HEALTH_PORT), '127.0.0.1');
`;

describe('startBot', function () {
  this.timeout(120_000);

  it('should wait until the process is ready, keep its logs and its exit code', async () => {
    const bot = await startBot(SERVER, { command: ['--eval', PROGRAM] });
    expect((await fetch(`${bot.healthUrl}/readyz`)).status).to.equal(200);
    await bot.waitForLog(({ message }) => message === 'not JSON', 5_000);
    expect(await bot.stop()).to.equal(7);
    expect(await bot.exited).to.equal(7);
  });

  it('should give the process the settings and nothing of the environment but the PATH', async () => {
    process.env.MEDIA_BOT_GAIN = '0.1';
    const env = { LOG_LEVEL: 'DEBUG', GROQ_API_KEY: undefined };
    const bot = await startBot(SERVER, { command: ['--eval', PROGRAM], env });
    delete process.env.MEDIA_BOT_GAIN;
    const line = await bot.waitForLog(({ message }) => message === 'env', 5_000);
    await bot.stop('SIGKILL');
    expect(line.env).to.include({
      LIVEKIT_URL: SERVER.url,
      LOG_LEVEL: 'DEBUG',
      PATH: process.env.PATH,
    });
    expect(line.env).not.to.have.any.keys('MEDIA_BOT_GAIN', 'GROQ_API_KEY', 'HOME');
  });

  it('should say why the process ended before it was ready', async () => {
    const command = ['--eval', 'console.error("LIVEKIT_URL is odd"); process.exit(78)'];
    const failure = await startBot(SERVER, { command }).catch(String);
    expect(failure)
      .to.match(/ended with code 78/)
      .and.to.match(/LIVEKIT_URL is odd/);
  });

  it('should hand over a process that is not waited for, and the signal that ended it', async () => {
    const bot = await spawnBot(SERVER, { command: ['--eval', 'setInterval(() => 0, 1000)'] });
    expect(await bot.stop('SIGKILL')).to.equal(null);
  });
});
