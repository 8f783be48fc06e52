import winston from 'winston';
import type { LogLevel } from './config.js';

/** Writes one line of JSON per event. `child(fields)` adds fields to every line of the child. */
export type Logger = winston.Logger;

/**
 * Fields that belong to an event. Children of a call's logger carry `room`, `job` and
 * `participantSid`; a person's identity goes into `identity`, which only DEBUG lines show.
 */
export type LogFields = Readonly<Record<string, unknown>>;

const SECRET_FIELD = /token|secret|authorization|password|api_?key|transcript|^text$/i;
const JSON_WEB_TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi;
const URL_TAIL = /\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"']+)[?#][^\s"']*/gi;
const REDACTED = '[redacted]';
/** Objects of libraries may hold themselves; nothing worth a log line lies this deep. */
const MAX_DEPTH = 5;

const redactText = (text: string) =>
  text
    .replace(JSON_WEB_TOKEN, REDACTED)
    .replace(URL_CREDENTIALS, `$1${REDACTED}@`)
    .replace(URL_TAIL, `$1?${REDACTED}`);

const errorFields = (error: Error) => ({
  name: error.name,
  message: error.message,
  stack: error.stack,
  ...('code' in error ? { code: error.code } : {}),
  ...(error.cause === undefined ? {} : { cause: error.cause }),
});

const redact = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactFields(errorFields(value), depth + 1);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactFields(value, depth + 1);
};

const redactFields = (fields: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_FIELD.test(name) ? REDACTED : redact(value, depth),
    ]),
  );

const withoutSecrets = winston.format((info) => Object.assign(info, redactFields(info, 0)));

const identityAtDebugOnly = winston.format((info) => {
  if (info.level !== 'debug') delete info.identity;
  return info;
});

/**
 * Logs to standard output from the given severity on: `{"level","message","timestamp",…fields}`.
 *
 * What must not get out is taken out here, whoever logs it: values of fields named like a secret,
 * token or transcript, JSON web tokens, and the credentials, query and fragment of every address.
 */
export function createLogger(level: LogLevel, fields: LogFields): Logger {
  return winston.createLogger({
    level,
    defaultMeta: fields,
    format: winston.format.combine(
      identityAtDebugOnly(),
      withoutSecrets(),
      winston.format.timestamp(),
      winston.format.json(),
    ),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston types its classes as interfaces
    transports: [new winston.transports.Console()],
  });
}
