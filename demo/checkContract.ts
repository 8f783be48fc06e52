import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import { type SchemaName, schemas } from '../lib/schemas/schemas.js';

// Formats are in patterns as well, which need no further package.
const ajv = new Ajv2020({ allErrors: true, strict: true, validateFormats: false });
const validators = new Map<string, ValidateFunction>(
  Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
);

/** What a value breaks of the contract, one line each; nothing where it keeps to it. */
export function breaches(name: SchemaName, value: unknown): readonly string[] {
  const validate = validators.get(name)!;
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = '' }) => `${name}${instancePath} ${message}`,
  );
}

/**
 * Returns a value that keeps to the contract.
 *
 * @throws Error that says what it breaks, and shows it.
 */
export function checkContract<T>(name: SchemaName, value: T): T {
  const broken = breaches(name, value);
  if (broken.length === 0) return value;
  throw new Error(`against the contract:\n${broken.join('\n')}\n${JSON.stringify(value)}`);
}

/** The same for the answers, if there are any, among somebody's attributes. */
export function checkAnswers<T extends Readonly<Record<string, string>>>(attributes: T): T {
  if (attributes['media.status'] !== undefined) checkContract('playback-answer', attributes);
  if (attributes['stt.status'] !== undefined) checkContract('transcription-answer', attributes);
  return attributes;
}
