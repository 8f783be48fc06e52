import { expect } from 'chai';
import { findHelm } from '../support/findHelm.js';
import { useBareFolder } from '../support/useBareFolder.js';

describe('findHelm', () => {
  const folder = useBareFolder();

  it('should take the one on the PATH before the one in the cache', async () => {
    const cached = await folder.program('media-bot/helm', '');
    expect(await findHelm(() => undefined)).to.equal(cached);
    const onPath = await folder.program('bin/helm', '');
    expect(await findHelm(() => undefined)).to.equal(onPath);
  });

  it('should have Go build it', async () => {
    await folder.program(
      'bin/go',
      'if [ "$1" = version ]; then exit 0; fi\n' +
        '/bin/mkdir -p "$GOBIN" && echo "#!/bin/sh\necho $3" > "$GOBIN/helm" && /bin/chmod +x "$GOBIN/helm"',
    );
    const program = await findHelm(() => undefined);
    expect(program).to.equal(folder.path('media-bot/helm'));
    expect(folder.read('media-bot/helm')).to.include('helm.sh/helm/v3/cmd/helm@v3.22.0');
  });

  it('should say how to get it where there is no Go', async () => {
    const failure = await findHelm(() => undefined).catch(String);
    expect(failure).to.match(/PATH/).and.to.match(/Go/);
  });
});
