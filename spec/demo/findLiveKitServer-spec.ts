import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { expect } from 'chai';

import { findLiveKitServer } from '../../demo/findLiveKitServer.js';
import { useBareFolder } from '../support/useBareFolder.js';

/** Stands where Go would: notes that it was run, builds while it has to, leaves an executable. */
const GO = `
if [ "$1" = version ]; then exit 0; fi
echo "$@" >> "$XDG_CACHE_HOME/go-runs"
while [ -e "$XDG_CACHE_HOME/go-builds" ]; do /bin/sleep 0.1; done
/bin/mkdir -p "$GOBIN" && echo '#!/bin/sh' > "$GOBIN/server" && /bin/chmod +x "$GOBIN/server"
`;
const BROKEN_GO = `
if [ "$1" = version ]; then exit 0; fi
echo 'no space left on device' >&2
exit 1
`;

describe('findLiveKitServer', function () {
  this.timeout(60_000);
  const folder = useBareFolder();

  it('should take the one on the PATH before the one in the cache', async () => {
    await folder.program('media-bot/livekit-server', '');
    expect(await findLiveKitServer(() => undefined)).to.equal(
      folder.path('media-bot/livekit-server'),
    );
    await folder.program('bin/livekit-server', '');
    expect(await findLiveKitServer(() => undefined)).to.equal(folder.path('bin/livekit-server'));
  });

  it('should take what go install leaves in the cache', async () => {
    await folder.program('media-bot/server', '');
    expect(await findLiveKitServer(() => undefined)).to.equal(folder.path('media-bot/server'));
  });

  it('should build it with Go, once for all who ask, and say so', async () => {
    await folder.program('bin/go', GO);
    // However late the second one is, it comes while the first one builds.
    await writeFile(folder.path('go-builds'), '');
    const lines: string[] = [];
    const say = (line: string) => {
      lines.push(line);
      if (line.includes('waiting for it')) rmSync(folder.path('go-builds'), { force: true });
    };
    const found = await Promise.all([findLiveKitServer(say), findLiveKitServer(say)]);
    const binary = folder.path('media-bot/livekit-server');
    expect(found).to.deep.equal([binary, binary]);
    const runs = folder.read('go-runs');
    expect(runs).to.equal('install -v github.com/livekit/livekit-server/cmd/server@v1.13.5\n');
    expect(lines.join('\n'))
      .to.match(/building livekit-server/)
      .and.to.match(/waiting for it/);
  });

  it('should not wait for a builder that is gone', async () => {
    await folder.program('bin/go', GO);
    // No process has this id: it is above the largest that Linux gives.
    await writeFile(folder.path('media-bot/making-livekit-server'), '4194305');
    expect(await findLiveKitServer(() => undefined)).to.match(/livekit-server$/);
  });

  it('should show why a build failed', async () => {
    await folder.program('bin/go', BROKEN_GO);
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
