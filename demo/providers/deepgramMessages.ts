import { createHash } from 'node:crypto';

/** A result, as far as it differs from others. */
export interface ResultOptions {
  readonly text: string;
  /** Seconds from the connection's first byte. */
  readonly start: number;
  readonly duration: number;
  readonly requestId: string;
  readonly confidence?: number;
  readonly isFinal?: boolean;
  readonly speechFinal?: boolean;
  readonly fromFinalize?: boolean;
  /** Told only where it was to be detected. */
  readonly languages?: readonly string[];
}

const MODEL_INFO = { name: 'general-nova-3', version: '2025-04-17.0', arch: 'nova-3' };
const MODEL_UUID = '00000000-0000-4000-8000-000000000003';
const CONFIDENCE = 0.98;

/** A `Results` message: the words are spread evenly over the time. */
export function resultsMessage(options: ResultOptions) {
  const { text, start, duration, requestId, confidence = CONFIDENCE, languages } = options;
  const spoken = text.split(' ').filter((word) => word !== '');
  const words = spoken.map((word, n) => ({
    word: word.toLowerCase().replace(/\P{L}/gu, ''),
    start: start + (duration * n) / spoken.length,
    end: start + (duration * (n + 1)) / spoken.length,
    confidence,
    punctuated_word: word,
  }));
  const alternative = { transcript: text, confidence: text === '' ? 0 : confidence, words };
  return {
    type: 'Results',
    channel_index: [0, 1],
    duration,
    start,
    is_final: options.isFinal ?? false,
    speech_final: options.speechFinal ?? false,
    from_finalize: options.fromFinalize ?? false,
    channel: { alternatives: [{ ...alternative, ...(languages && { languages }) }] },
    metadata: { request_id: requestId, model_info: MODEL_INFO, model_uuid: MODEL_UUID },
  };
}

/** The `Metadata` message: the last one, before the connection is closed. */
export function metadataMessage(requestId: string, duration: number) {
  return {
    type: 'Metadata',
    transaction_key: 'deprecated',
    request_id: requestId,
    sha256: createHash('sha256').update(requestId).digest('hex'),
    created: new Date().toISOString(),
    duration,
    channels: 1,
  };
}

/** What a client has to put up with. */
export const NOISE: readonly (string | Buffer)[] = [
  'no JSON',
  'null',
  '[]',
  '{"type":"Results"}',
  '{"type":"Results","channel":{}}',
  '{"type":"Metadata"}',
  '{"type":"Results","channel":{"alternatives":[]}}',
  '{"type":"Error","description":"Something is wrong","message":"","variant":"Unknown"}',
  '{"type":"SpeechStarted","channel":[0],"timestamp":0.1}',
  '{"type":"UtteranceEnd","channel":[0,1],"last_word_end":0.9}',
  '{"type":"OfALaterProtocol"}',
  Buffer.from([0, 1, 2, 3]),
];

/** What a client's text message is called. */
export function typeOfMessage(data: Buffer): string {
  try {
    return String((JSON.parse(data.toString()) as { type?: unknown }).type);
  } catch {
    return 'no JSON';
  }
}
