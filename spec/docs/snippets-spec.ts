import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { installPackage, run, snippet, TSC } from './snippets.js';

/** The product's compiler settings, which are as strict as they can be. */
const tsconfig = () => ({
  extends: resolve('tsconfig.json'),
  compilerOptions: { noEmit: true, rootDir: '.', typeRoots: [resolve('node_modules/@types')] },
  include: ['*.ts'],
});

describe('snippets of the README', function () {
  this.timeout(300_000);
  let folder: string;
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  before(async () => {
    folder = await installPackage();
  });
  after(() => rmSync(folder, { recursive: true }));

  it('should type-check', async () => {
    write('call.ts', snippet('ts', 'createDispatch'));
    write('client.ts', snippet('ts', 'MediaBotClient'));
    write('loop.ts', snippet('ts', 'loopUntil'));
    write('listen.ts', snippet('ts', 'vadChunk'));
    write('tsconfig.json', JSON.stringify(tsconfig()));
    const { stdout } = await run(process.execPath, [TSC, '-p', folder]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).to.equal('');
  });
});
