import { decodeWav, toSamples, type WavAudio } from './decodeWav.js';
import type { MultipartForm } from './readMultipart.js';
import { Refusal } from './standInServer.js';

/** What a transcription was asked for, once everything about it is right. */
export interface ElevenLabsForm {
  readonly audio: WavAudio;
  /** As it was sent. */
  readonly language: string | undefined;
}

/** `scribe_v1` is no more. */
const MODELS = ['scribe_v2'];
const BOOLEANS = ['diarize', 'tag_audio_events', 'no_verbatim'];
const FIELDS = [
  ...BOOLEANS,
  'model_id',
  'language_code',
  'num_speakers',
  'timestamps_granularity',
  'file_format',
  'temperature',
  'seed',
  'keyterms',
];
const GRANULARITIES = ['none', 'word', 'character'];
/** As ElevenLabs lists them, in three letters; two are taken where there are two. */
const LANGUAGES = `afr amh ara hye asm ast aze bel ben bos bul mya yue cat ceb nya hrv ces dan
  nld eng est fil fin fra ful glg lug kat deu ell guj hau heb hin hun isl ibo ind gle ita jpn
  jav kea kan kaz khm kor kur kir lao lav lin lit luo ltz mkd msa mal mlt zho mri mar mon nep
  nso nor oci ori pus fas pol por pan ron rus srp sna snd slk slv som spa swa swe tam tgk tel
  tha tur ukr umb urd uzb vie cym wol xho zul`.split(/\s+/);
const CODES = new Set([...LANGUAGES, ...Intl.getCanonicalLocales(LANGUAGES)]);
const PCM_RATE = 16_000;
const SHORTEST_SECONDS = 0.1;

/** ElevenLabs' answer to a request that it does not take; `code` and `status` are the same. */
export function elevenLabsRefusal(status: number, code: string, message: string): Refusal {
  const type = status === 401 ? 'authentication_error' : 'validation_error';
  const detail = { type, code, status: code, message, request_id: 'stand-in', param: null };
  return new Refusal({ status, body: { detail } });
}

/** A form that does not have the shape it should have is refused differently. */
function malformed(field: string, message: string): Refusal {
  const problem = { type: 'value_error', loc: ['body', field], msg: message };
  return new Refusal({ status: 422, body: { detail: [problem] } });
}

/** Whether ElevenLabs takes this for a language. */
export function checkElevenLabsLanguage(language: string | null | undefined): void {
  if (language == null || CODES.has(language)) return;
  throw elevenLabsRefusal(400, 'unsupported_language', `Language '${language}' is not supported.`);
}

/** Reads a form as strictly as ElevenLabs does, about unknown fields more so. Throws a Refusal. */
export function checkElevenLabsForm({ fields, files }: MultipartForm): ElevenLabsForm {
  for (const [name, [value = '', ...others]] of Object.entries(fields)) {
    if (!FIELDS.includes(name) || others.length > 0) throw malformed(name, 'unknown field');
    const isWrong = BOOLEANS.includes(name) && !['true', 'false'].includes(value);
    if (isWrong) throw malformed(name, 'value could not be parsed to a boolean');
  }
  const [model, language] = [fields.model_id?.[0], fields.language_code?.[0]];
  if (model === undefined) throw malformed('model_id', 'field required');
  if (!MODELS.includes(model)) {
    throw elevenLabsRefusal(400, 'model_not_found', `A model with ID ${model} does not exist.`);
  }
  if (!GRANULARITIES.includes(fields.timestamps_granularity?.[0] ?? 'word')) {
    throw malformed('timestamps_granularity', 'unexpected value');
  }
  checkElevenLabsLanguage(language);
  return { audio: readAudio(files, fields.file_format?.[0]), language };
}

function readAudio({ file }: MultipartForm['files'], format = 'other'): WavAudio {
  if (!file) throw malformed('file', 'field required');
  const audio = decode(file.bytes, format);
  if (audio.samples.length < SHORTEST_SECONDS * audio.sampleRate) {
    throw elevenLabsRefusal(400, 'audio_too_short', 'Audio is too short: at least 0.1 seconds.');
  }
  return audio;
}

function decode(bytes: Uint8Array, format: string): WavAudio {
  if (format === 'pcm_s16le_16') {
    return { samples: toSamples(Buffer.from(bytes)), sampleRate: PCM_RATE };
  }
  try {
    return decodeWav(bytes);
  } catch (error) {
    throw elevenLabsRefusal(400, 'invalid_audio', `File upload is corrupted: ${String(error)}`);
  }
}
