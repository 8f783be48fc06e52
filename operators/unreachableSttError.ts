import { SttError } from './sttError.js';

/**
 * A provider that gave no answer, or half of one: it may the next time.
 *
 * Of what went wrong on the way, only the innermost code is kept (`ECONNREFUSED`): a client's text
 * may repeat what it sent, the key included.
 *
 * @param provider as the message shall name it.
 */
export function unreachableSttError(provider: string, error: unknown): SttError {
  const message = [`${provider} cannot be reached`, codeOf(error)].filter(Boolean).join(': ');
  return new SttError('retry', message);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  return codeOf(error.cause) ?? (typeof code === 'string' ? code : undefined);
}
