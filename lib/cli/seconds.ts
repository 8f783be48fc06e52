import { InvalidArgumentError } from 'commander';

/** A time on the command line, in seconds; fractions are fine. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('a number over 0.');
  return value;
}
