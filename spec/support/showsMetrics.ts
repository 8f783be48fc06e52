import { defer, filter, repeat } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';

const BETWEEN_SCRAPES = 100;

/** Scrapes a page of metrics until it shows all of these samples; resolves with it. */
export function showsMetrics(
  page: string,
  samples: readonly string[],
  within: number,
): Promise<string> {
  return firstWithin(
    defer(async () => (await fetch(page)).text()).pipe(
      repeat({ delay: BETWEEN_SCRAPES }),
      filter((text) => samples.every((sample) => text.split('\n').includes(sample))),
    ),
    within,
    samples.join(', '),
  );
}
