import { checkElevenLabsLanguage, elevenLabsRefusal } from './elevenlabsForm.js';

const FORMATS = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000].map((rate) => `pcm_${rate}`);
const BOOLEANS = [
  'include_timestamps',
  'include_language_detection',
  'enable_logging',
  'no_verbatim',
  'filter_background_audio',
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  model_id: ['scribe_v2_realtime'],
  audio_format: FORMATS,
  commit_strategy: ['manual', 'vad'],
  ...Object.fromEntries(BOOLEANS.map((name) => [name, ['true', 'false']])),
};

/** Reads what a session is asked for, about unknown parameters more strictly than ElevenLabs. */
export function checkElevenLabsQuery(query: URLSearchParams): void {
  for (const [name, value] of query) {
    if (name === 'language_code') continue;
    if (VALUES[name]?.includes(value)) continue;
    throw elevenLabsRefusal(400, 'invalid_request', `${name}: ${value}`);
  }
  if (!query.has('model_id')) throw elevenLabsRefusal(400, 'invalid_request', 'no model_id');
  if (query.get('commit_strategy') === 'vad') {
    throw elevenLabsRefusal(400, 'invalid_request', 'the stand-in does not look for pauses');
  }
  checkElevenLabsLanguage(query.get('language_code'));
}
