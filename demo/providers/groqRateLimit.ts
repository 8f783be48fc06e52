import { Refusal } from './standInServer.js';

const MINUTE = 60_000;

/**
 * Counts requests: gives each the headers that tell what is left, and throws a Refusal for those
 * above the limit.
 */
export function createGroqRateLimit(perMinute: number): () => Readonly<Record<string, string>> {
  let recent: number[] = [];
  return () => {
    const now = Date.now();
    recent = recent.filter((at) => at > now - MINUTE);
    const wait = Math.ceil(((recent[0] ?? now) + MINUTE - now) / 1000);
    const headers = {
      'x-ratelimit-limit-requests': String(perMinute),
      'x-ratelimit-remaining-requests': String(Math.max(0, perMinute - recent.length - 1)),
      'x-ratelimit-reset-requests': `${wait}s`,
    };
    if (recent.length >= perMinute) throw tooMany(wait, headers);
    recent.push(now);
    return headers;
  };
}

function tooMany(wait: number, headers: Readonly<Record<string, string>>): Refusal {
  const message = `Rate limit reached for model. Please try again in ${wait}s.`;
  const body = { error: { message, type: 'requests', code: 'rate_limit_exceeded' } };
  return new Refusal({ status: 429, headers: { ...headers, 'retry-after': String(wait) }, body });
}
