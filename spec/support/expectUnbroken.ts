import { expect } from 'chai';
import { VOICE } from './holdSounds.js';
import { seenSoFar } from './seenSoFar.js';
import { tonesHeard } from './tonesHeard.js';
import type { WatchedCall } from './watchedCall.js';

/**
 * Expects that a caller who was on hold before has been so ever since: answered `playing` and
 * `held` all the time, without hearing or reading anything of the colleague.
 */
export function expectUnbroken(call: WatchedCall, since: number): void {
  const answers = call.historyOf('caller');
  const begun = answers.findIndex(
    (answer) => answer['media.held'] === 'true' && answer['media.status'] === 'playing',
  );
  expect(begun, 'on hold').to.be.at.least(0);
  for (const answer of answers.slice(begun)) {
    expect(answer).to.include({ 'media.held': 'true', 'media.status': 'playing' });
  }
  expect(tonesHeard(call.caller, [VOICE], since), 'heard by who is on hold').to.deep.equal([]);
  const read = seenSoFar(call.caller.transcripts).filter(({ at }) => at > since);
  expect(read, 'read by who is on hold').to.deep.equal([]);
}
