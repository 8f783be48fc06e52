import { SttError } from '../../operators/sttError.js';
import type { SttProvider } from '../../operators/types.js';

/** What came instead of a text. Anything but an SttError is a flaw of the adapter, thus `fatal`. */
export function asSttError(cause: unknown, provider: SttProvider): SttError {
  if (cause instanceof SttError) return cause;
  return new SttError('fatal', `the adapter of ${provider} failed`, { cause });
}
