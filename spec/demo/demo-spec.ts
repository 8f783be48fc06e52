import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { expect } from 'chai';

/** What a person must be able to read, in this order. */
const FACTS = [
  /LiveKit server listens at ws:\/\/127\.0\.0\.1:\d+/,
  /✓ colleague +hears the agent: 1000 Hz/,
  /✓ bot +is in the room, \d+ ms after the dispatch/,
  /caller +hears the first sound \d+ ms after play/,
  /✓ bot +answers playing/,
  /✓ caller +hears the hold music at \d+\.\d s into it at -\d+ dBFS, similarity [01]\.\d+/,
  /✓ agent +hears nothing of the music/,
  /✓ colleague +hears nothing of the music/,
  /✓ caller +hears silence from the bot \d+ ms after stop/,
  /✓ bot +answers stopped/,
  /✓ caller +hears the first ring: 425 Hz/,
  /✓ caller +hears the second ring: 425 Hz/,
  /✓ room +stays open/,
  /✓ caller +heard 4 of 4 beeps/,
  /✓ room +is closed \d+ ms after play \(ROOM_DELETED\)/,
  /✓ bot +ends with exit code 0 \d+ ms after SIGTERM/,
  /(\d+) of \1 expectations met/,
];

describe('npm run demo', function () {
  this.timeout(180_000);

  it('should let everything happen on this machine, print it, and exit with 0', async () => {
    const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/demo.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(demo, 'exit');
    const printed = await text(demo.stdout);
    let position = 0;
    for (const fact of FACTS) {
      const found = printed.slice(position).search(fact);
      expect(found, `${String(fact)} after character ${position} of:\n${printed}`).to.be.above(-1);
      position += found + 1;
    }
    expect((await exited)[0]).to.equal(0);
  });
});
