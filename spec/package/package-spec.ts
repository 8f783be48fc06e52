import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { expect } from 'chai';
import { build } from 'esbuild';
import { publint } from 'publint';
import { installPackage, run, TSC } from '../docs/snippets.js';

/** A bot of somebody who has installed the operators: what it prints is known below. */
const BOT = `
import { lastValueFrom, NEVER, of, take, timer, toArray } from 'rxjs';
import { loopUntil, MediaError, paceTo, parseCommand, reframe, scaleGain } from 'livekit-media-bot/operators';

const clip = of({ samples: Int16Array.of(1_000, -1_000, 30_000), sampleRate: 48_000 });
const pace = paceTo({ queued: () => 0, lead: 200 });
const sound = clip.pipe(pace, scaleGain(0.5), loopUntil(NEVER), reframe(4), take(2), toArray());
const command = parseCommand({ 'media.command': 'play', 'media.asset_url': 'https://a.example/b' });
const empty = of().pipe(loopUntil(timer(0)));
const failure = await lastValueFrom(empty).catch((error) => error instanceof MediaError && error.code);
const frames = (await lastValueFrom(sound)).map(({ samples }) => [...samples]);
console.log(JSON.stringify({ frames, verb: command.verb, failure }));
`;
const PRINTED = {
  frames: [
    [500, -500, 15_000, 500],
    [-500, 15_000, 500, -500],
  ],
  verb: 'play',
  failure: 'asset_undecodable',
};
/** Types that are used, and one that is used wrongly. */
const TYPES = `
import type { Decoder, OpenDecoder, PcmFrame, SpeechToText } from 'livekit-media-bot/operators';
import { decodeMp3, fromAbortable } from 'livekit-media-bot/operators';
import { of, type Observable } from 'rxjs';

const decoder: Decoder = { decode: () => [], flush: () => [], close: () => undefined };
export const open: OpenDecoder = () => of(decoder);
export const frames: Observable<PcmFrame> = of(new Uint8Array()).pipe(decodeMp3(open));
export const answer: Observable<Response> = fromAbortable((signal) => fetch('https://a.example', { signal }));
export type Text = ReturnType<SpeechToText['transcribe']>;
// @ts-expect-error -- frames are no MP3
frames.pipe(decodeMp3(open));
`;
const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--target', 'es2023'];
/** For modules alone: what knows neither modules nor `exports` is not served. */
const NOT_SERVED = ['node10', 'node16-cjs'];

describe('the package', function () {
  this.timeout(300_000);
  /** Somebody's folder with the whole package, as it is built here. */
  let whole: string;

  before(async () => {
    whole = await installPackage();
  });
  after(() => rmSync(whole, { recursive: true }));

  /** What those complain of who check packages. */
  const lint = async (archive: string) => {
    const { buffer } = Uint8Array.from(readFileSync(archive));
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
    return messages.map(({ code, path }) => `${code} ${path.join('.')}`);
  };

  describe('of the operators', () => {
    let folder: string;
    let archive: string;
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    const inFolder = (command: string, ...args: string[]) => run(command, args, { cwd: folder });

    before(async () => {
      const build = join(whole, 'node_modules/livekit-media-bot/dist');
      const { stdout } = await run(process.execPath, ['.ci/packOperators.js', build]);
      archive = stdout.trim();
      folder = mkdtempSync(join(tmpdir(), 'other-bot-'));
      write('package.json', '{ "type": "module" }');
      const wanted = [archive, `typescript@${typescriptVersion()}`];
      await inFolder('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted);
    });
    after(() => rmSync(folder, { recursive: true }));

    /** What the compiler says in that folder. */
    const compile = (...args: string[]) => {
      const compiler = join(folder, 'node_modules/typescript/bin/tsc');
      const compiled = inFolder(process.execPath, compiler, ...STRICT, ...args);
      return compiled.catch((error: unknown) => error as { readonly stdout: string });
    };

    it('should install with rxjs alone', () => {
      const installed = readdirSync(join(folder, 'node_modules'));
      expect(installed.filter((name) => !name.startsWith('.'))).to.have.members([
        ...['livekit-media-bot', 'rxjs', 'tslib'],
        'typescript',
      ]);
    });

    it('should work in plain JavaScript', async () => {
      write('bot.js', BOT);
      const { stdout } = await inFolder(process.execPath, 'bot.js');
      expect(JSON.parse(stdout)).to.deep.equal(PRINTED);
    });

    it('should work in TypeScript, where mistakes are found', async () => {
      write('typed.ts', BOT);
      write('types.ts', TYPES);
      const files = ['typed.ts', 'types.ts'];
      const options = ['--module', 'nodenext', '--rootDir', '.', '--outDir', 'out'];
      expect((await compile(...options, ...files)).stdout).to.equal('');
      const { stdout } = await inFolder(process.execPath, 'out/typed.js');
      expect(JSON.parse(stdout)).to.deep.equal(PRINTED);
    });

    it('should be typed for a bundler, too', async () => {
      write('types.ts', TYPES);
      const { stdout } = await compile('--module', 'preserve', '--noEmit', 'types.ts');
      expect(stdout).to.equal('');
    });

    it('should give a bundler no more than what is imported', async () => {
      const contents = "export { scaleGain } from 'livekit-media-bot/operators';";
      const { metafile } = await build({
        ...{ stdin: { contents, resolveDir: folder }, absWorkingDir: folder, external: ['rxjs'] },
        ...{ bundle: true, format: 'esm', write: false, metafile: true },
      });
      const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
        Object.entries(inputs),
      );
      const parts = bundled.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
      expect(parts.map(([path]) => path)).to.deep.equal([
        'node_modules/livekit-media-bot/dist/operators/scaleGain.js',
      ]);
    });

    it('should satisfy those who check packages', async () => {
      expect(await lint(archive)).to.deep.equal([]);
      const data = createPackageFromTarballData(Uint8Array.from(readFileSync(archive)));
      const checked = await checkPackage(data);
      const problems = checked.types === false ? [] : checked.problems;
      expect(checked.types).not.to.equal(false);
      expect(
        problems.filter(
          (it) => !('resolutionKind' in it && NOT_SERVED.includes(it.resolutionKind)),
        ),
      ).to.deep.equal([]);
    });
  });

  describe('of the worker', () => {
    /** The examples as they are written by somebody who has installed the package. */
    const copyExamples = () =>
      readdirSync('demo/examples').map((name) => {
        const text = readFileSync(join('demo/examples', name), 'utf8')
          .replace(/'..\/..\/operators\/index.js'/g, "'livekit-media-bot/operators'")
          .replace(/'..\/..\/(?:lib\/)?(engines|streams)\/(.*).js'/g, "'livekit-media-bot/$1/$2'")
          .replace("'../../lib/client/client.js'", "'livekit-media-bot/client'");
        writeFileSync(join(whole, name), text);
        return text;
      });

    it('should hold the product alone', async () => {
      const { stdout } = await run('npm', ['pack', '--dry-run', '--json']);
      const [{ files }] = JSON.parse(stdout) as [{ readonly files: { readonly path: string }[] }];
      const others = files.filter(({ path }) => !/^dist\/(lib|operators|streams)\//.test(path));
      expect(others.map(({ path }) => path)).to.have.members([
        ...['LICENSE', 'README.md', 'package.json'],
      ]);
    });

    it('should satisfy those who check packages', async () => {
      const cwd = join(whole, 'node_modules/livekit-media-bot');
      const { stdout } = await run('npm', ['pack', '--json'], { cwd });
      const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }];
      expect(await lint(join(cwd, filename))).to.deep.equal([]);
    });

    it('should have a client that commands without rtc-node, and watches with it alone', async () => {
      const rtcNode = join(whole, 'node_modules/@livekit/rtc-node');
      renameSync(rtcNode, `${rtcNode}-away`);
      const program = `
        import { MediaBotClient } from 'livekit-media-bot/client';
        const options = { room: 'r', url: 'ws://127.0.0.1:1', apiKey: 'k', apiSecret: 's' };
        const client = new MediaBotClient(options);
        const codeOf = (failed) => failed.then(() => 'none', ({ code }) => code);
        console.log(await codeOf(client.stop('a')), await codeOf(client.watch(() => undefined)));
      `;
      const script = ['--input-type=module', '--eval', program];
      const { stdout } = await run(process.execPath, script, { cwd: whole });
      renameSync(`${rtcNode}-away`, rtcNode);
      expect(stdout).to.equal('ERR_UNREACHABLE ERR_MODULE_NOT_FOUND\n');
    });

    it('should bring the command media-bot, and the schemas', async () => {
      const cwd = join(whole, 'node_modules/livekit-media-bot');
      const { stdout } = await run('npm', ['exec', '--offline', '--', 'media-bot', '--help'], {
        cwd,
      });
      expect(stdout).to.match(/^Usage: media-bot /);
      const program = `
        import schema from 'livekit-media-bot/schemas/transcript.json' with { type: 'json' };
        console.log(schema.properties.type.const);
      `;
      const script = ['--input-type=module', '--eval', program];
      const printed = await run(process.execPath, script, { cwd: whole });
      expect(printed.stdout).to.equal('FINAL_TRANSCRIPT\n');
    });

    it('should offer all that the examples are made of', async () => {
      const specifiers = copyExamples().flatMap(
        (text) => text.match(/livekit-media-bot\/.*(?=';)/g) ?? [],
      );
      expect(specifiers).to.include.members([
        ...['livekit-media-bot/operators', 'livekit-media-bot/engines/vad'],
        'livekit-media-bot/streams/stt/deepgram',
        'livekit-media-bot/client',
      ]);
      const imports = specifiers.map((specifier) => `await import('${specifier}');`).join('');
      const script = ['--input-type=module', '--eval', `${imports} process.exit(0)`];
      await run(process.execPath, script, { cwd: whole });
      writeFileSync(join(whole, 'tsconfig.json'), JSON.stringify(strictConfig()));
      const { stdout } = await run(process.execPath, [TSC, '-p', whole]).catch(
        (error: unknown) => error as { stdout: string },
      );
      expect(stdout).to.equal('');
    });
  });
});

const typescriptVersion = () => {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly devDependencies: { readonly typescript: string };
  };
  return devDependencies.typescript;
};

/** The product's compiler settings, for another folder. */
const strictConfig = () => ({
  extends: resolve('tsconfig.json'),
  compilerOptions: { noEmit: true, rootDir: '.', typeRoots: [resolve('node_modules/@types')] },
  include: ['*.ts'],
});
