import type { Milliseconds } from '../../operators/types.js';

/** How often a provider may be asked, learned from its refusals. Times are of one steady clock. */
export interface RequestRate {
  /** Takes the next place in the line; returns how long to wait for it, in whole milliseconds. */
  take(now: Milliseconds): Milliseconds;
  /** Gives up a place, taken then, that was not used: there is room for another. */
  giveBack(takenAt: Milliseconds): void;
  /** A request was served. */
  served(now: Milliseconds): void;
  /** A request made at `sentAt` came too soon after others. */
  throttled(sentAt: Milliseconds, now: Milliseconds): void;
}

const MINUTE: Milliseconds = 60_000;
/** Part of what was served in the minute before a refusal that is taken for the limit. */
const CUT = 0.8;
/** The limit is tried out again: it grows by so much per minute, and is forgotten in the end. */
const GROWTH_PER_MINUTE = 1.5;
/** Half of the lowest limit of all plans, Groq's free one: two hosts may have to share it. */
const LEAST_PER_MINUTE = 10;
/** Unused places are kept for so long, for several people may stop talking at once. */
const BURST: Milliseconds = 15_000;

/**
 * A token bucket without a limit at first. Limits belong to organisations, so that other processes
 * and hosts use up an unknown share of them: what was served before a refusal is this one's share.
 */
export function createRequestRate(): RequestRate {
  let learned = { perMinute: Infinity, at: -Infinity };
  let lately = { count: 0, at: -Infinity };
  let nextPlace = -Infinity;

  const interval = (now: Milliseconds) =>
    MINUTE / (learned.perMinute * GROWTH_PER_MINUTE ** ((now - learned.at) / MINUTE));
  /** Fades with a time constant of a minute: at a steady rate, the number per minute. */
  const servedLately = (now: Milliseconds) => lately.count * Math.exp((lately.at - now) / MINUTE);

  return {
    take(now) {
      const place = Math.max(nextPlace, now - BURST);
      nextPlace = place + interval(now);
      return Math.max(0, Math.ceil(place - now));
    },
    giveBack(takenAt) {
      nextPlace -= interval(takenAt);
    },
    served(now) {
      lately = { count: servedLately(now) + 1, at: now };
    },
    throttled(sentAt, now) {
      // Requests from before the last lesson are part of that one; and where nothing has been
      // served since, it is not for the number of requests that the provider refuses them.
      if (sentAt < learned.at || lately.at <= learned.at) return;
      const perMinute = Math.min(MINUTE / interval(now), servedLately(now));
      learned = { perMinute: Math.max(LEAST_PER_MINUTE, CUT * perMinute), at: now };
      nextPlace = now;
    },
  };
}
