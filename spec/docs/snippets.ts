import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

/** Runs a program to its end. */
export const run = promisify(execFile);
/** The compiler. */
export const TSC = resolve('node_modules/typescript/bin/tsc');

/** The one code block of a language that holds this text. */
export function snippet(language: string, holding: string): string {
  const readme = readFileSync('README.md', 'utf8');
  const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, name, text = '']) => name === language && text.includes(holding))
    .map(([, , text = '']) => text);
  expect(blocks, `blocks of ${language} with ${holding}`).to.have.length(1);
  return blocks[0]!;
}

/** A folder like that of somebody who has installed the package, built from the sources here. */
export async function installPackage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  const installed = join(folder, 'node_modules/livekit-media-bot');
  mkdirSync(installed, { recursive: true });
  cpSync('package.json', join(installed, 'package.json'));
  await run(process.execPath, [TSC, '--outDir', join(installed, 'dist')]);
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve('node_modules', name), link);
  }
  await run(process.execPath, [join(installed, 'dist/lib/schemas/writeSchemas.js')], {});
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}
