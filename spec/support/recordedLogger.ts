import { Writable } from 'node:stream';
import { ReplaySubject } from 'rxjs';
import winston from 'winston';
import type { LogLevel } from '../../lib/config.js';
import { createLogger, type LogFields, type Logger } from '../../lib/logger.js';

/** A logger as the product makes it, and its lines, which come here instead of to the output. */
export function recordedLogger(
  level: LogLevel,
  fields: LogFields = {},
): [Logger, ReplaySubject<string>] {
  const lines = new ReplaySubject<string>(Infinity);
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.next(chunk.toString());
      done();
    },
  });
  const logger = createLogger(level, fields);
  logger.clear();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as in lib/logger.ts
  logger.add(new winston.transports.Stream({ stream }));
  return [logger, lines];
}
