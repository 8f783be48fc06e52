import type { Attributes } from './types.js';

/**
 * Whether a bot's own attributes command transcription, or have done so, rather than its dispatch:
 * to delete what was commanded is a stop.
 */
export const isSttCommanded = (attributes: Attributes): boolean =>
  attributes['stt.enabled'] !== undefined || attributes['stt.status'] === 'stopped';
