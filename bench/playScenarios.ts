import { randomUUID } from 'node:crypto';

import { type AssetServer, startAssetServer } from '../demo/assetServer.js';

/** An asset to play, and how much later than the floor it may be heard, in milliseconds. */
export interface PlayScenario {
  readonly title: string;
  readonly p50: number;
  readonly p95?: number;
  /** The address for the next play. */
  readonly url: () => string;
}

/** 5 s each. */
const REPEATS_IN_FIVE_MINUTES = 60;

/** Scenarios for a short MP3, and for one of five minutes, and the server that serves them. */
export async function startPlayScenarios(
  mp3: Uint8Array,
): Promise<{ assets: AssetServer; scenarios: readonly PlayScenario[] }> {
  // MP3 frames one after the other are an MP3, however often.
  const long = Buffer.concat(Array.from({ length: REPEATS_IN_FIVE_MINUTES }, () => mp3));
  const headers = { 'Cache-Control': 'max-age=86400' };
  const assets = await startAssetServer({
    short: { body: mp3, headers },
    long: { body: long, headers },
  });
  // Under an address that was never asked for, nothing can be cached.
  const fresh = (name: string) => () => `${assets.urlOf(name)}?${randomUUID()}`;
  const scenarios = [
    { title: 'warm', p50: 20, p95: 50, url: () => assets.urlOf('short') },
    { title: 'cold, 5 s', p50: 60, url: fresh('short') },
    { title: 'cold, 5 min', p50: 60, url: fresh('long') },
  ];
  return { assets, scenarios };
}
