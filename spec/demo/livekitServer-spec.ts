import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { expect } from 'chai';

import { freePort } from '../../demo/freePort.js';
import { startLiveKitServer } from '../../demo/livekitServer.js';

const START = `
  import { startLiveKitServer } from './demo/livekitServer.ts';
  startLiveKitServer().then(({ url }) => console.log(url));
  setInterval(() => undefined, 1_000);
`;

function answers(url: string): Promise<boolean> {
  return fetch(url.replace('ws', 'http')).then(
    (response) => response.ok,
    () => false,
  );
}

describe('startLiveKitServer', function () {
  this.timeout(60_000);

  it('should run several servers side by side, each until it is stopped', async () => {
    const [one, other] = await Promise.all([startLiveKitServer(), startLiveKitServer()]);
    expect(one.url).to.match(/^ws:\/\/127\.0\.0\.1:\d+$/);
    expect([await answers(one.url), await answers(other.url)]).to.deep.equal([true, true]);
    await one.stop();
    expect([await answers(one.url), await answers(other.url)]).to.deep.equal([false, true]);
    await other.stop();
    expect(await answers(other.url)).to.equal(false);
  });

  it('should start again at the address it had', async () => {
    const port = await freePort();
    const first = await startLiveKitServer({ port });
    await first.stop();
    const second = await startLiveKitServer({ port });
    expect(second.url).to.equal(first.url);
    expect(await answers(second.url)).to.equal(true);
    await second.stop();
  });

  it('should not take another server at its port for its own', async () => {
    const first = await startLiveKitServer();
    const port = Number(new URL(first.url).port);
    const failure = await startLiveKitServer({ port }).catch(String);
    await first.stop();
    expect(failure).to.match(/EADDRINUSE/);
  });

  it('should not outlive a process that is killed', async () => {
    const args = ['--import', 'tsx', '--input-type=module', '--eval', START];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [url] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    expect(await answers(url)).to.equal(true);
    parent.kill('SIGKILL');
    // Each try is a request over a real socket: this ends as soon as the server has.
    while (await answers(url));
  });
});
