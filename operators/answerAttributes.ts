import type { Answer, Attributes } from './types.js';

/** LiveKit deletes a key that is set to this. */
const ABSENT = '';

/**
 * An answer as the attributes that the Call Service reads on the target, to be written in one call.
 * An answer without an error deletes the error of the answer before.
 */
export function answerAttributes({ id, status, error }: Answer): Attributes {
  return {
    'media.status': status,
    'media.status_command_id': id,
    'media.error': error === undefined ? ABSENT : String(error),
  };
}
