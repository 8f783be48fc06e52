import type { Attributes } from '../../operators/types.js';

/**
 * Somebody's attributes as they are, then as they become; the same map may come twice.
 *
 * @param signal ends it with an AbortError.
 */
export type SeenAttributes = (identity: string, signal: AbortSignal) => AsyncIterable<Attributes>;
