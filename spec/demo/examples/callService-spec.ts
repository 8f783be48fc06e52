import '../../../demo/participants/quietRtcNode.js';

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MediaBotClient } from '../../../lib/client/client.js';
import { findLiveKitApi } from '../../support/findLiveKitApi.js';
import { serverEnv } from '../../support/runMediaBot.js';
import { ANNOUNCEMENT_HZ, useCommandedBot } from '../../support/useCommandedBot.js';

const run = promisify(execFile);
/** All of what the example does. */
const SOON = 100_000;

describe('a Call Service', function () {
  this.timeout(120_000);
  const stage = useCommandedBot();
  // With the bot already there: where a machine is busy, one has to ask for it again.
  before(() => stage.dispatched(new MediaBotClient({ ...stage.server(), room: stage.room() })));
  const start = async (command: string, args: readonly string[]) => {
    const env = { PATH: process.env.PATH, ...serverEnv(stage.server()) };
    const { stdout } = await run(command, args, { env });
    return stdout.trimEnd().split('\n');
  };

  it('should be written in under 40 lines: demo/examples/callService.ts', async () => {
    const path = 'demo/examples/callService.ts';
    expect(readFileSync(path, 'utf8').split('\n')).to.have.length.below(41);
    const assets = [stage.music(), stage.announcement()];
    const args = ['--import', 'tsx', path, stage.room(), 'caller', ...assets];
    // From the beginning: an ear forgets what it has heard 20 s ago.
    const [printed] = await Promise.all([
      start(process.execPath, args),
      stage.caller().waitForTone(ANNOUNCEMENT_HZ, { within: SOON }),
    ]);
    expect(printed).to.deep.equal([
      ...['bot true', 'hold true', 'unhold stopped', 'announcement ended room_kept'],
      ...['stop stopped', 'no music invalid_command', 'in French groq', 'silent stopped'],
    ]);
  });

  it('should be written in Python as docs/client.md has it', async () => {
    const python = await findLiveKitApi((line) => process.stderr.write(`${line}\n`));
    const [, program = ''] = /^```python\n([^]*?)^```$/m.exec(
      readFileSync('docs/client.md', 'utf8'),
    )!;
    const folder = mkdtempSync(join(tmpdir(), 'python-'));
    writeFileSync(join(folder, 'call.py'), program);
    const args = [join(folder, 'call.py'), stage.room(), 'caller', stage.music()];
    const printed = await start(python, args).finally(() => rmSync(folder, { recursive: true }));
    expect(printed).to.deep.equal([
      ...['hold playing', 'unhold stopped', 'in French groq', 'silent stopped'],
    ]);
  });
});
