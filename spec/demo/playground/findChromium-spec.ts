import { expect } from 'chai';

import { findChromium } from '../../support/findChromium.js';
import { useBareFolder } from '../../support/useBareFolder.js';

/** Stands where apt-get would, and is run after a download that cannot succeed. */
const APT_GET = `
if [ "$2" = --yes ]; then
  echo '#!/bin/sh' > "$PATH/chromium"
  /bin/chmod +x "$PATH/chromium"
fi
`;

describe('findChromium', function () {
  this.timeout(60_000);
  const folder = useBareFolder();
  const getuid = process.getuid!;
  const { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD } = process.env;

  beforeEach(() => {
    // As where the network allows none: Playwright leaves nothing in the folder.
    process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = '1';
  });
  afterEach(() => {
    process.getuid = getuid;
    if (PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD === undefined)
      delete process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD;
    else process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD;
  });

  it('should take the first on the PATH that starts', async () => {
    await folder.program('bin/chromium', 'exit 1');
    const chrome = await folder.program('bin/google-chrome', '');
    expect(await findChromium(() => undefined)).to.equal(chrome);
    const chromium = await folder.program('bin/chromium', '');
    expect(await findChromium(() => undefined)).to.equal(chromium);
  });

  it('should have it installed from Debian, where it cannot be downloaded, by root', async () => {
    await folder.program('bin/apt-get', APT_GET);
    process.getuid = () => 0;
    const lines: string[] = [];
    const found = await findChromium((line) => lines.push(line));
    expect(found).to.equal(folder.path('bin/chromium'));
    expect(lines.join('\n'))
      .to.match(/downloading/)
      .and.to.match(/cannot be downloaded/)
      .and.to.match(/apt-get/);
  });

  it('should say how to get it where it may not install anything', async () => {
    await folder.program('bin/apt-get', APT_GET);
    process.getuid = () => 1_000;
    const failure = await findChromium(() => undefined).catch(String);
    expect(failure)
      .to.match(/PATH/)
      .and.to.match(/network/);
  });
});
