import { decodeWav, type WavAudio } from './decodeWav.js';
import type { MultipartForm } from './readMultipart.js';
import { Refusal } from './standInServer.js';

/** What a transcription was asked for, once everything about it is right. */
export interface GroqForm {
  readonly audio: WavAudio;
  /** ISO 639-1, mostly. */
  readonly language: string | undefined;
  readonly format: string;
}

const MODELS = ['whisper-large-v3', 'whisper-large-v3-turbo'];
const FORMATS = ['json', 'text', 'verbose_json'];
const FIELDS = [
  'model',
  'language',
  'prompt',
  'response_format',
  'temperature',
  'timestamp_granularities[]',
];
/** As the provider lists them when it refuses another. */
const LANGUAGES = `eu ro ml fi bs km oc ps lo sn hr uz mg he is ur ta kk ba nn tg no az ar th cs cy
  yi ln sr sk hi kn yo tt su it fr pt tr sv el lt sl mk sd gu tk haw jv yue vi ko zh ca da mi ne af
  ha de pl id hu fa gl si ru nl lv br mn mr so be mt lb as hy sq ht my bo en es ms uk la sw am fo tl
  ja bg bn et pa ka sa te`.split(/\s+/);
const LONGEST_PROMPT = 896;
const MOST_BYTES = 25_000_000;
const SHORTEST_SECONDS = 0.01;

/** Groq's answer to a request that it does not take. */
export function groqRefusal(status: number, message: string, code?: string): Refusal {
  const error = { message, type: 'invalid_request_error', ...(code && { code }) };
  return new Refusal({ status, body: { error } });
}

/** Reads a form as strictly as Groq does, and about unknown fields more so. Throws a Refusal. */
export function checkGroqForm({ fields, files }: MultipartForm): GroqForm {
  for (const [name, values] of Object.entries(fields)) {
    const isOnce = values.length === 1 || name.endsWith('[]');
    if (!FIELDS.includes(name) || !isOnce) throw groqRefusal(400, `unknown field: ${name}`);
  }
  const [model, language] = [fields.model?.[0], fields.language?.[0]];
  checkModel(model);
  checkLanguage(language);
  const prompt = fields.prompt?.[0] ?? '';
  if (prompt.length > LONGEST_PROMPT) {
    throw groqRefusal(400, `prompt length must be ${LONGEST_PROMPT} characters or fewer`);
  }
  const temperature = Number(fields.temperature?.[0] ?? 0);
  if (!(temperature >= 0 && temperature <= 1)) throw groqRefusal(400, 'temperature: 0 to 1');
  const format = fields.response_format?.[0] ?? 'json';
  if (!FORMATS.includes(format)) throw groqRefusal(400, `response_format: ${FORMATS.join()}`);
  return { audio: readAudio(files), language, format };
}

function checkModel(model: string | undefined): void {
  if (model === undefined) throw groqRefusal(400, 'model is required');
  if (MODELS.includes(model)) return;
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  throw groqRefusal(404, message, 'model_not_found');
}

function checkLanguage(language: string | undefined): void {
  if (language === undefined || LANGUAGES.includes(language)) return;
  const known = `Language must be one of: [${LANGUAGES.join(' ')}]`;
  throw groqRefusal(400, `unsupported language: ${language}\n${known}`);
}

function readAudio({ file }: MultipartForm['files']): WavAudio {
  if (!file) throw groqRefusal(400, 'one of file or url must be provided');
  if (!file.name.endsWith('.wav')) throw groqRefusal(400, 'file must be one of: flac, mp3, wav …');
  if (file.bytes.length > MOST_BYTES) throw groqRefusal(413, 'Request Entity Too Large');
  const audio = decode(file.bytes);
  if (audio.samples.length < SHORTEST_SECONDS * audio.sampleRate) {
    throw groqRefusal(400, `Audio file is too short: at least ${SHORTEST_SECONDS} seconds.`);
  }
  return audio;
}

function decode(bytes: Uint8Array): WavAudio {
  try {
    return decodeWav(bytes);
  } catch (error) {
    throw groqRefusal(400, `could not process file - is it a valid media file? ${String(error)}`);
  }
}
