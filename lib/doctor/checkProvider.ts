import { randomUUID } from 'node:crypto';
import { lastValueFrom, of, timeout } from 'rxjs';
import { SttError } from '../../operators/sttError.js';
import type { Milliseconds, SttProvider, Utterance } from '../../operators/types.js';
import { providerAdapters } from '../stt/providerAdapters.js';
import { ok, type Outcome, wrong } from './finding.js';
import { type Patient, settingsOf } from './patient.js';

const SAMPLE_RATE = 16_000;
const DEADLINE: Milliseconds = 15_000;

/**
 * Whether a speech provider takes the key, and does what it is for: has it transcribe a second of
 * silence as the bot would. That is the least that shows the account to be good for transcription.
 */
export function checkProvider(provider: SttProvider) {
  return async (patient: Patient): Promise<Outcome> => {
    const settings = settingsOf(patient);
    if (settings === undefined) throw new Error('there are no settings');
    const { stt } = providerAdapters(settings.stt)[provider];
    const text$ = stt.transcribe(silence(), 'en').pipe(timeout(DEADLINE));
    try {
      await lastValueFrom(text$, { defaultValue: undefined });
      return ok(`takes the key, and a second of silence for ${stt.model}`);
    } catch (error) {
      const detail = error instanceof SttError ? error.message : `no answer in ${DEADLINE} ms`;
      return wrong(detail, adviceOn(error, provider.toUpperCase()));
    }
  };
}

function silence(): Utterance {
  const startMs = Date.now() - 1_000;
  return {
    id: randomUUID(),
    startMs,
    audio: of({ samples: new Int16Array(SAMPLE_RATE), sampleRate: SAMPLE_RATE }),
    end: of({ endMs: startMs + 1_000, by: 'pause' as const }),
  } satisfies Utterance;
}

function adviceOn(error: unknown, name: string): string {
  const kind = error instanceof SttError ? error.kind : 'retry';
  if (kind === 'fatal') return `check ${name}_API_KEY, and what its account may do`;
  if (kind === 'throttle') return "the key is taken: see to the account's limits";
  return `open the way to it, or correct ${name}_BASE_URL`;
}
