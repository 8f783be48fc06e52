import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { expect } from 'chai';

/** What a person must be able to read, in this order. */
const FACTS = [
  /LiveKit server listens at ws:\/\/127\.0\.0\.1:\d+/,
  /✓ colleague +hears the agent: 1000 Hz/,
  /✓ bot +is in the room, \d+ ms after the dispatch/,
  /✓ bot +answers running, by deepgram/,
  /✓ agent +reads \w+: ".+" \(deepgram nova-3, \w+ -?[01]\.\d\d, -?\d+ ms after the last word\)/,
  /✓ agent +reads \w+: ".+" \(deepgram nova-3, /,
  /✓ bot +answers running, by elevenlabs/,
  /✓ agent +reads \w+: ".+" \(elevenlabs scribe_v2, sentiment unknown, /,
  /✓ agent +reads \w+: ".+" \(elevenlabs scribe_v2, sentiment unknown, /,
  /✓ bot +answers running, by groq/,
  /✓ agent +reads \w+: ".+" \(groq whisper-large-v3-turbo, sentiment unknown, /,
  /✓ agent +reads \w+: ".+" \(groq whisper-large-v3-turbo, sentiment unknown, /,
  /✓ bot +answers stopped: transcribes no more/,
  /caller +hears the first sound \d+ ms after play/,
  /✓ bot +answers playing/,
  /✓ bot +says that the caller is isolated/,
  /✓ caller +hears no voice while on hold/,
  /✓ agent +hears nothing of the music/,
  /✓ colleague +hears nothing of the music/,
  /✓ colleague +goes on hearing the agent/,
  /✓ caller +hears the hold music at \d+\.\d s into it at -\d+ dBFS, similarity [01]\.\d+/,
  /✓ caller +hears silence from the bot \d+ ms after stop/,
  /✓ bot +answers stopped/,
  /✓ caller +hears the agent again \d+ ms after stop/,
  /✓ bot +says that the caller is held no more/,
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
    // Keys in somebody's shell would have the demo talk to the real providers.
    const keys = { DEEPGRAM_API_KEY: '', ELEVENLABS_API_KEY: '', GROQ_API_KEY: '' };
    const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/demo.ts'], {
      env: { ...process.env, ...keys },
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
