import { createLogger, type Logger } from '../../lib/logger.js';

/** A logger that keeps to itself what a spec provokes on purpose. */
export function silentLogger(): Logger {
  const logger = createLogger('error', {});
  logger.silent = true;
  return logger;
}
