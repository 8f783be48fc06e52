import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { findLiveKitServer } from '../../demo/findLiveKitServer.js';

/** Stands where Go would: takes a moment, notes that it was run, leaves an executable. */
const GO = `#!/bin/sh
if [ "$1" = version ]; then exit 0; fi
echo "$@" >> "$XDG_CACHE_HOME/go-runs"
/bin/sleep 0.3
/bin/mkdir -p "$GOBIN" && echo '#!/bin/sh' > "$GOBIN/server" && /bin/chmod +x "$GOBIN/server"
`;
const BROKEN_GO = `#!/bin/sh
if [ "$1" = version ]; then exit 0; fi
echo 'no space left on device' >&2
exit 1
`;

describe('findLiveKitServer', function () {
  this.timeout(20_000);
  const { PATH, XDG_CACHE_HOME } = process.env;
  let folder: string;
  const program = (path: string, script: string) =>
    writeFile(join(folder, path), script, { mode: 0o755 });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'find-livekit-server-'));
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'media-bot'));
    process.env.PATH = join(folder, 'bin');
    process.env.XDG_CACHE_HOME = folder;
  });
  afterEach(async () => {
    process.env.PATH = PATH;
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    await rm(folder, { recursive: true });
  });

  it('should take the one on the PATH before the one in the cache', async () => {
    await program('media-bot/livekit-server', '');
    expect(await findLiveKitServer(() => undefined)).to.equal(
      join(folder, 'media-bot/livekit-server'),
    );
    await program('bin/livekit-server', '');
    expect(await findLiveKitServer(() => undefined)).to.equal(join(folder, 'bin/livekit-server'));
  });

  it('should take what go install leaves in the cache', async () => {
    await program('media-bot/server', '');
    expect(await findLiveKitServer(() => undefined)).to.equal(join(folder, 'media-bot/server'));
  });

  it('should build it with Go, once for all who ask, and say so', async () => {
    await program('bin/go', GO);
    const lines: string[] = [];
    const found = await Promise.all([
      findLiveKitServer((line) => lines.push(line)),
      findLiveKitServer((line) => lines.push(line)),
    ]);
    const binary = join(folder, 'media-bot/livekit-server');
    expect(found).to.deep.equal([binary, binary]);
    const runs = await readFile(join(folder, 'go-runs'), 'utf8');
    expect(runs).to.equal('install -v github.com/livekit/livekit-server/cmd/server@v1.13.5\n');
    expect(lines.join('\n'))
      .to.match(/building livekit-server/)
      .and.to.match(/waiting for it/);
  });

  it('should not wait for a builder that is gone', async () => {
    await program('bin/go', GO);
    // No process has this id: it is above the largest that Linux gives.
    await writeFile(join(folder, 'media-bot/making-livekit-server'), '4194305');
    expect(await findLiveKitServer(() => undefined)).to.match(/livekit-server$/);
  });

  it('should show why a build failed', async () => {
    await program('bin/go', BROKEN_GO);
    const failure = await findLiveKitServer(() => undefined).catch(String);
    expect(failure)
      .to.match(/go install .* ended with 1/)
      .and.to.match(/no space left/);
  });

  it('should say how to get one where there is neither Go nor Docker', async () => {
    const failure = await findLiveKitServer(() => undefined).catch(String);
    expect(failure)
      .to.match(/PATH/)
      .and.to.match(/Go/)
      .and.to.match(/Docker/);
  });
});
