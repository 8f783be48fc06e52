import type { Milliseconds } from './types.js';

/** Gives a header of an answer by its name in lower case. */
export type HeaderOf = (name: string) => string | string[] | null | undefined;

/** What a provider limits, as its `x-ratelimit-…` headers are named. */
const LIMITED = ['requests', 'tokens', 'audio-seconds'];
const UNITS: Readonly<Record<string, Milliseconds>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/**
 * How long a provider wants to be left alone: by `retry-after` (seconds or an HTTP date: RFC 9110,
 * section 10.2.3), else until the limit that is used up starts anew (`x-ratelimit-reset-…`, such as
 * `2m59.56s`).
 *
 * @param now against which an HTTP date counts.
 * @returns `undefined` where it does not say.
 */
export function retryAfter(headerOf: HeaderOf, now = Date.now()): Milliseconds | undefined {
  const told = String(headerOf('retry-after') ?? '');
  const wait = /^\d+(\.\d+)?$/.test(told) ? 1000 * Number(told) : Date.parse(told) - now;
  if (!Number.isNaN(wait)) return Math.max(0, wait);
  const usedUp = LIMITED.filter((limit) => headerOf(`x-ratelimit-remaining-${limit}`) === '0');
  const resets = usedUp.map((limit) => parseDuration(headerOf(`x-ratelimit-reset-${limit}`)));
  return resets.length === 0 ? undefined : Math.max(...resets);
}

function parseDuration(duration: ReturnType<HeaderOf>): Milliseconds {
  const parts = String(duration ?? '').matchAll(/([\d.]+)(ms|h|m|s)/g);
  return [...parts].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
}
