import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';

const PROGRAM = new URL('muteNativeLogs-child.ts', import.meta.url);

describe('muteNativeLogs', () => {
  /** Lines that a process of its own has been handed over, and what it has written. */
  async function linesOf(...args: readonly string[]): Promise<[number, string]> {
    const env = { ...process.env, NODE_ENV: 'production' };
    const child = fork(PROGRAM, args, { silent: true, env });
    let written = '';
    for (const output of [child.stdout!, child.stderr!]) {
      output.on('data', (text: Buffer) => (written += text.toString()));
    }
    const closed = once(child, 'close');
    const [lines] = (await once(child, 'message')) as [number];
    await closed;
    return [lines, written];
  }

  it('should have the native part keep its log to itself', async () => {
    expect(await linesOf('muted')).to.deep.equal([0, '']);
  });

  it('should be needed: otherwise lines are handed over', async () => {
    const [lines] = await linesOf();
    expect(lines).to.be.above(0);
  });
});
