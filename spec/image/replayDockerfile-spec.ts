import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type ReplayedImage, replayDockerfile } from '../support/replayDockerfile.js';

describe('replayDockerfile', () => {
  let context: string;
  let image: ReplayedImage | undefined;
  beforeEach(async () => {
    context = await mkdtemp(join(tmpdir(), 'context-'));
  });
  afterEach(async () => {
    await image?.remove();
    image = undefined;
    await rm(context, { recursive: true });
  });

  async function replay(dockerfile: string, files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries({ ...files, Dockerfile: dockerfile })) {
      await mkdir(dirname(join(context, path)), { recursive: true });
      await writeFile(join(context, path), text);
    }
    image = await replayDockerfile(context);
    return image;
  }
  const failure = (dockerfile: string, files?: Readonly<Record<string, string>>) =>
    replay(dockerfile, files).then(() => 'none', String);
  const textOf = (path: string) => readFileSync(image!.pathOf(path), 'utf8');

  describe('COPY', () => {
    const FILES = { 'lib/a': 'a', 'lib/deep/b': 'b', c: 'c', '.dockerignore': '*\n!lib\nlib/deep' };

    it('should copy a folder without what .dockerignore hides', async () => {
      await replay('FROM x\nWORKDIR /app\nCOPY lib lib', FILES);
      expect(textOf('/app/lib/a')).to.equal('a');
      expect(readdirSync(image!.pathOf('lib'))).to.deep.equal(['a']);
    });

    it('should fail on what .dockerignore hides, and on what is not there', async () => {
      expect(await failure('FROM x\nCOPY c ./', FILES)).to.include('COPY c: not found');
      expect(await failure('FROM x\nCOPY d ./')).to.include('COPY d: not found');
    });

    it('should take several files into a folder, and give one another name', async () => {
      await replay('FROM x\nWORKDIR /app\nCOPY a b files/\nCOPY a named', { a: 'A', b: 'B' });
      expect([textOf('files/a'), textOf('files/b'), textOf('named')]).to.deep.equal([
        'A',
        'B',
        'A',
      ]);
    });

    it('should take files and folders from another stage', async () => {
      const first = 'FROM x AS one\nWORKDIR /made\nCOPY a deep/a\n';
      await replay(
        `${first}FROM x\nWORKDIR /app\nCOPY --from=one /made/deep/a ./\nCOPY --from=one /made all`,
        {
          a: 'A',
        },
      );
      expect([textOf('/app/a'), textOf('/app/all/deep/a')]).to.deep.equal(['A', 'A']);
      expect(existsSync(image!.pathOf('/made'))).to.equal(false);
    });

    it('should fail on a stage that does not exist, and on flags that it does not know', async () => {
      expect(await failure('FROM x\nCOPY --from=two a a')).to.include('no such stage');
      const chown = await failure('FROM x\nCOPY --chown=1:1 a a', { a: 'A' });
      expect(chown).to.include('COPY --chown=1:1 cannot be replayed');
    });
  });

  describe('RUN', () => {
    it('should run in the folder of the stage, with a home of its own and nothing inherited', async () => {
      process.env.OF_THIS_PROCESS = 'set';
      await replay('FROM x\nENV OWN=1\nWORKDIR /app\nRUN env > seen && pwd > here');
      delete process.env.OF_THIS_PROCESS;
      expect(textOf('seen')).to.include('OWN=1').and.not.include('OF_THIS_PROCESS');
      expect(textOf('seen')).to.not.include(`\nHOME=${homedir()}\n`);
      expect(textOf('here').trim()).to.equal(image!.workdir);
    });

    it('should fail with what the command has printed', async () => {
      const error = await failure('FROM x\nRUN echo so it ended && exit 3');
      expect(error).to.include('so it ended\n');
    });

    it('should refuse absolute paths, which would be those of the machine, and unknown mounts', async () => {
      expect(await failure('FROM x\nRUN touch /somewhere')).to.include('names an absolute path');
      const secret = await failure('FROM x\nRUN --mount=type=secret,id=a true');
      expect(secret).to.include('cannot be replayed');
    });
  });

  it('should hand over from one stage to the next what it is from, and no more', async () => {
    await replay(
      'FROM x AS one\nENV A=1\nWORKDIR /app\nCOPY a ./\nFROM one\nENV B=2\nFROM one\nENV C=3',
      { a: 'A' },
    );
    expect(image!.env).to.deep.equal({ A: '1', C: '3' });
    expect(textOf('a')).to.equal('A');
  });

  it('should tell paths of the image as those of the machine', async () => {
    await replay('FROM x\nCOPY a /etc/a\nENV THERE=/etc/a NOT=/etc/b', { a: 'A' });
    expect(image!.env).to.deep.equal({ THERE: image!.pathOf('/etc/a'), NOT: '/etc/b' });
  });

  it('should tell how the image is run', async () => {
    await replay(
      'FROM x\nARG OF=none\nLABEL name="${OF}"\nUSER 12:34\nSTOPSIGNAL SIGINT\n' +
        'HEALTHCHECK --timeout=1s CMD ["true", "1"]\nENTRYPOINT ["node"]\nCMD ["main.js"]',
    );
    expect(image).to.deep.include({
      ...{ uid: 12, stopSignal: 'SIGINT', labels: { name: 'none' } },
      ...{ healthcheck: ['true', '1'], command: ['node', 'main.js'] },
    });
  });

  for (const line of [
    'ADD a a',
    'CMD node main.js',
    'HEALTHCHECK CMD true',
    'SHELL ["sh"]',
    'USER 1\nRUN true',
  ]) {
    it(`should refuse what it cannot replay: ${line.replace('\n', ', ')}`, async () => {
      expect(await failure(`FROM x\n${line}`)).to.match(/cannot be replayed|not in exec form/);
    });
  }
});
