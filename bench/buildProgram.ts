import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const BUILT = fileURLToPath(new URL('../dist/bench/', import.meta.url));

/**
 * Builds one file of this folder like the product, for a TypeScript loader in a process would count
 * as its memory. Resolves with the path of the JavaScript.
 */
export async function buildProgram(name: string): Promise<string> {
  const source = await readFile(new URL(`${name}.ts`, import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  await mkdir(BUILT, { recursive: true });
  const program = join(BUILT, `${name}.js`);
  await writeFile(program, outputText);
  return program;
}
