import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { SttErrorKind } from '../operators/sttError.js';
import type { Milliseconds, SttProvider } from '../operators/types.js';

/** Told what becomes of speech. */
export interface TranscriptionMetrics {
  /** A transcript of so much speech was published, so long after its end. */
  published(provider: SttProvider, speech: Milliseconds, latency: Milliseconds): void;
  /** A provider has failed an utterance, which somebody else, or a later attempt, may yet serve. */
  failed(provider: SttProvider, kind: SttErrorKind): void;
  /** The fallback has given the text of an utterance that was this provider's. */
  failedOver(provider: SttProvider): void;
  /** Speech of this length will never be a transcript; `none`: no provider has failed at it. */
  lost(provider: SttProvider | 'none', speech: Milliseconds): void;
  /** Audio of this length was dropped before anybody listened for speech in it. */
  dropped(audio: Milliseconds): void;
  /** How a provider is thought to be now. */
  circuit(provider: SttProvider, status: keyof typeof CIRCUIT): void;
}

const CIRCUIT = { closed: 0, open: 1, probing: 2 } as const;
const PROVIDERS = ['deepgram', 'elevenlabs', 'groq'] as const satisfies readonly SttProvider[];
const KINDS = ['fatal', 'retry', 'throttle'] as const satisfies readonly SttErrorKind[];
/** From a realtime provider's pace to an outage that an utterance has outlived. */
const SECONDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300];

/** Creates the metrics of transcription in a registry. */
export function createTranscriptionMetrics(registry: Registry): TranscriptionMetrics {
  const dropped = new Counter({
    name: 'media_bot_transcription_dropped_audio_seconds_total',
    help: 'Audio that was dropped before it was searched for speech',
    registers: [registry],
  });
  return {
    ...createServiceMetrics(registry),
    ...createFailureMetrics(registry),
    ...createLossMetrics(registry),
    dropped: (audio) => dropped.inc(audio / 1000),
  };
}

function createServiceMetrics(registry: Registry): Pick<TranscriptionMetrics, 'published'> {
  const transcripts = new Counter({
    name: 'media_bot_transcripts_total',
    help: 'Published transcripts',
    labelNames: ['provider'],
    registers: [registry],
  });
  const speech = new Counter({
    name: 'media_bot_transcription_speech_seconds_total',
    help: 'Speech that became a published transcript',
    labelNames: ['provider'],
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'media_bot_transcription_latency_seconds',
    help: 'From the end of speech to its published transcript',
    labelNames: ['provider'],
    buckets: SECONDS,
    registers: [registry],
  });
  for (const provider of PROVIDERS) {
    transcripts.inc({ provider }, 0);
    speech.inc({ provider }, 0);
    latency.zero({ provider });
  }
  return {
    published: (provider, spoken, after) => {
      transcripts.inc({ provider });
      speech.inc({ provider }, spoken / 1000);
      latency.observe({ provider }, after / 1000);
    },
  };
}

function createFailureMetrics(
  registry: Registry,
): Pick<TranscriptionMetrics, 'failed' | 'failedOver' | 'circuit'> {
  const failures = new Counter({
    name: 'media_bot_transcription_failures_total',
    help: 'Failed requests to a provider by kind: fatal, retry or throttle',
    labelNames: ['provider', 'kind'],
    registers: [registry],
  });
  const failovers = new Counter({
    name: 'media_bot_transcription_failovers_total',
    help: 'Utterances of a provider whose text the fallback has given in its stead',
    labelNames: ['provider'],
    registers: [registry],
  });
  const circuits = new Gauge({
    name: 'media_bot_stt_circuit',
    help: 'Whether a provider is asked: 0 closed (yes), 1 open (no), 2 probing; the highest of all hosts',
    labelNames: ['provider'],
    // What one host has found out the others will, too: an average would say nothing.
    aggregator: 'max',
    registers: [registry],
  });
  for (const provider of PROVIDERS) {
    failovers.inc({ provider }, 0);
    circuits.set({ provider }, CIRCUIT.closed);
    for (const kind of KINDS) failures.inc({ provider, kind }, 0);
  }
  return {
    failed: (provider, kind) => failures.inc({ provider, kind }),
    failedOver: (provider) => failovers.inc({ provider }),
    circuit: (provider, status) => circuits.set({ provider }, CIRCUIT[status]),
  };
}

function createLossMetrics(registry: Registry): Pick<TranscriptionMetrics, 'lost'> {
  const lost = new Counter({
    name: 'media_bot_transcription_lost_seconds_total',
    help: "Speech that did not become a transcript, by the provider that was to serve it; none: the fault is not a provider's",
    labelNames: ['provider'],
    registers: [registry],
  });
  for (const provider of [...PROVIDERS, 'none']) lost.inc({ provider }, 0);
  return { lost: (provider, speech) => lost.inc({ provider }, speech / 1000) };
}
