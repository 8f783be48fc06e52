import { expect } from 'chai';
import { retryAfter } from '../../operators/retryAfter.js';

const NOW = Date.UTC(2026, 0, 1, 12);

const waitOf = (headers: Readonly<Record<string, string>>) =>
  retryAfter((name) => headers[name], NOW);

const usedUp = (limit: string, reset: string) => ({
  [`x-ratelimit-remaining-${limit}`]: '0',
  [`x-ratelimit-reset-${limit}`]: reset,
});

describe('retryAfter', () => {
  const told: Readonly<Record<string, number | undefined>> = {
    '0': 0,
    '7': 7_000,
    '1.5': 1_500,
    'Thu, 01 Jan 2026 12:00:09 GMT': 9_000,
    'Thu, 01 Jan 2026 11:00:00 GMT': 0,
    soon: undefined,
    '': undefined,
  };
  for (const [value, wait] of Object.entries(told)) {
    it(`should wait for ${wait ?? 'no known time'} ms where it is told "${value}"`, () => {
      expect(waitOf({ 'retry-after': value })).to.equal(wait);
    });
  }

  const resets: Readonly<Record<string, number>> = {
    '7.66s': 7_660,
    '2m59.56s': 179_560,
    '1h2m': 3_720_000,
    '120ms': 120,
    nonsense: 0,
  };
  for (const [reset, wait] of Object.entries(resets)) {
    it(`should wait for ${wait} ms where the limit is reset in "${reset}"`, () => {
      expect(waitOf(usedUp('tokens', reset))).to.equal(wait);
    });
  }

  it('should wait for the last of the limits that are used up, and for no other', () => {
    const headers = { ...usedUp('requests', '3s'), ...usedUp('tokens', '5s') };
    const other = {
      'x-ratelimit-remaining-audio-seconds': '1',
      'x-ratelimit-reset-audio-seconds': '9s',
    };
    expect(waitOf({ ...headers, ...other })).to.equal(5_000);
  });

  it('should believe what it is told rather than the limits', () => {
    expect(waitOf({ ...usedUp('requests', '3s'), 'retry-after': '1' })).to.equal(1_000);
  });

  it('should know of no time where no header tells it', () => {
    expect(waitOf({})).to.equal(undefined);
    expect(retryAfter(() => null)).to.equal(undefined);
  });
});
