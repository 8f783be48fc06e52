import type { Milliseconds } from '../../operators/types.js';
import { askLiveKit } from './askLiveKit.js';
import { ok, type Outcome, wrong } from './finding.js';
import type { Patient } from './patient.js';

/** LiveKit refuses a token that is a minute too early or too late; the header has whole seconds. */
const TOLERATED: Milliseconds = 30_000;

/** Whether this machine's clock and LiveKit's agree, by the `Date` of an answer. */
export async function checkClock({ url }: Patient): Promise<Outcome> {
  const date = (await askLiveKit(url)).headers.get('date');
  const skew = date === null ? NaN : Date.now() - Date.parse(date);
  if (Number.isNaN(skew)) return ok('LiveKit does not tell its time');
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= TOLERATED) return ok('agrees with that of LiveKit');
  const side = skew > 0 ? 'ahead of' : 'behind';
  return wrong(
    `${seconds} s ${side} that of LiveKit, which refuses tokens from a minute on`,
    'have both machines keep time by NTP',
  );
}
