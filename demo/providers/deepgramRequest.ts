import type { IncomingMessage } from 'node:http';
import type { DeepgramRefusal } from './deepgramFault.js';

const PATH = '/v1/listen';
const MODELS: ReadonlySet<string> = new Set(['nova-3', 'nova-3-general']);
/** Of nova-3, English and several at once; the provider has more. */
const LANGUAGES: ReadonlySet<string> = new Set(
  'en en-US en-AU en-GB en-IN en-NZ multi de es fr hi it ja nl pt ru'.split(' '),
);
const FLAGS = ['interim_results', 'punctuate', 'smart_format', 'no_delay', 'vad_events'];
/** Every parameter that may be sent; the provider ignores others, which hides mistakes. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...'model language encoding sample_rate channels endpointing utterance_end_ms keyterm'.split(' '),
  ...'mip_opt_out filler_words numerals profanity_filter tag'.split(' '),
  ...FLAGS,
]);

const badRequest = (message: string): DeepgramRefusal => ({
  status: 400,
  code: 'Bad Request',
  message: `Bad Request: ${message}`,
});

const INVALID_AUTH: DeepgramRefusal = {
  status: 401,
  code: 'INVALID_AUTH',
  message: 'Invalid credentials.',
};

/** Why the provider would refuse this request for a connection, if it would. */
export function refusalOf(
  { url = '', headers }: IncomingMessage,
  apiKey: string,
): DeepgramRefusal | undefined {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname !== PATH) return { status: 404, code: 'NOT_FOUND', message: 'Not found.' };
  if (headers.authorization !== `Token ${apiKey}`) return INVALID_AUTH;
  return badQuery(searchParams);
}

function badQuery(query: URLSearchParams): DeepgramRefusal | undefined {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) return badRequest(`unknown parameter ${unknown}`);
  if (!MODELS.has(query.get('model') ?? '')) {
    return badRequest('No such model/version combination found.');
  }
  if (!LANGUAGES.has(query.get('language') ?? 'en')) {
    return badRequest('No such model/language/tier combination found.');
  }
  const rate = Number(query.get('sample_rate'));
  if (query.has('encoding') && !(rate >= 8_000 && rate <= 48_000)) {
    return badRequest('encoding requires a sample_rate');
  }
  const flag = FLAGS.find((name) => !['true', 'false', null].includes(query.get(name)));
  return flag === undefined ? undefined : badRequest(`${flag} is true or false`);
}
