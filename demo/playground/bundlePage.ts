import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const PAGE = new URL('page/', import.meta.url);

/** A file as a browser gets it. */
export interface PageFile {
  readonly type: string;
  readonly body: string;
}

/** Bundles the page's program, and reads what stands beside it. Keys are paths: `/page.js`. */
export async function bundlePage(): Promise<Readonly<Record<string, PageFile>>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', PAGE))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const html = await readFile(new URL('index.html', PAGE), 'utf8');
  const css = await readFile(new URL('style.css', PAGE), 'utf8');
  return {
    '/': { type: 'text/html; charset=utf-8', body: html },
    '/style.css': { type: 'text/css; charset=utf-8', body: css },
    '/page.js': { type: 'text/javascript; charset=utf-8', body: outputFiles[0]!.text },
  };
}
