import { expect } from 'chai';
import { findKubernetesValidate } from '../support/findKubernetesValidate.js';
import { useBareFolder } from '../support/useBareFolder.js';

/** Python whose parts Debian has split off: makes an environment once apt-get has been there. */
const PYTHON = `
if [ "$1" = -c ]; then [ -e "$XDG_CACHE_HOME/apt" ]; exit; fi
[ -e "$XDG_CACHE_HOME/apt" ] || exit 1
/bin/mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" >> "$XDG_CACHE_HOME/pip"\\n' > "$3/bin/python"
/bin/chmod +x "$3/bin/python"
`;
const APT_GET = 'if [ "$1" = install ]; then echo "$@" > "$XDG_CACHE_HOME/apt"; fi';

describe('findKubernetesValidate', () => {
  const folder = useBareFolder();
  const { getuid } = process;
  afterEach(() => Object.assign(process, { getuid }));

  it('should take the one on the PATH', async () => {
    const program = await folder.program('bin/kubernetes-validate', '');
    expect(await findKubernetesValidate(() => undefined)).to.deep.equal([program]);
  });

  it('should install it into the cache, with venv by apt-get where that is missing', async () => {
    Object.assign(process, { getuid: () => 0 });
    await folder.program('bin/python3', PYTHON);
    await folder.program('bin/apt-get', APT_GET);
    const [python, ...args] = await findKubernetesValidate(() => undefined);
    expect(python).to.equal(folder.path('media-bot/kubernetes-validate-1.37.0/bin/python'));
    expect(args).to.deep.equal(['-m', 'kubernetes_validate']);
    expect(folder.read('apt')).to.include('python3-venv');
    expect(folder.read('pip')).to.match(/^-m pip install .*kubernetes-validate==1\.37\.0$/m);
  });

  it('should say how to get it where apt-get cannot be used', async () => {
    Object.assign(process, { getuid: () => 1000 });
    await folder.program('bin/python3', PYTHON);
    const failure = await findKubernetesValidate(() => undefined).catch(String);
    expect(failure)
      .to.match(/Python 3/)
      .and.to.match(/venv/);
  });
});
