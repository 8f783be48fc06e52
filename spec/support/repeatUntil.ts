import { setTimeout } from 'node:timers/promises';

/**
 * Does something again and again, until what it is to bring about is seen. Rejects as either does.
 *
 * @param missed milliseconds after which it has not been brought about.
 */
export async function repeatUntil(
  seen: Promise<unknown>,
  act: () => Promise<unknown>,
  missed = 3_000,
): Promise<void> {
  const isSeen = seen.then(() => true);
  do await act();
  while (!(await Promise.race([isSeen, setTimeout(missed, false, { ref: false })])));
}
