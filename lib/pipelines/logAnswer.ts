import type { MediaError } from '../../operators/mediaError.js';
import type { Logger } from '../logger.js';

/** What a command has been answered, and whose attributes it is on. */
export interface LoggedAnswer {
  readonly identity: string;
  readonly id: string;
  readonly status: string;
  readonly error?: MediaError | undefined;
}

/**
 * Logs an answer: at DEBUG the whole of it; a failure at INFO too, but by its code and cause alone,
 * for the text of the error repeats what others have written, be it a name.
 */
export function logAnswer(logger: Logger, { identity, id, status, error }: LoggedAnswer): void {
  const text = error === undefined ? undefined : String(error);
  logger.debug('command answered', { identity, command: id, status, error: text });
  if (status === 'failed') {
    logger.info('command failed', { code: error?.code, cause: error?.cause });
  }
}
