import { Registry } from 'prom-client';
import { type AssetMetrics, createAssetMetrics } from './metricsAssets.js';
import { createEventLoopMetrics, type EventLoopMetrics } from './metricsEventLoop.js';
import { createIsolationMetrics, type IsolationMetrics } from './metricsIsolation.js';
import { createPlaybackMetrics, type PlaybackMetrics } from './metricsPlayback.js';
import type { Snapshot } from './metricsSnapshot.js';
import { createTranscriptionMetrics, type TranscriptionMetrics } from './metricsTranscription.js';

/**
 * Where the calls of a process say what has become of things. Told facts, it counts; what tells it
 * knows nothing of Prometheus. No name of a room or a person gets here.
 */
export interface Metrics {
  readonly playback: PlaybackMetrics;
  readonly assets: AssetMetrics;
  readonly isolation: IsolationMetrics;
  readonly transcription: TranscriptionMetrics;
}

/** The metrics of a process that carries calls. */
export interface ProcessMetrics extends Metrics, EventLoopMetrics {
  /** Everything counted so far. */
  snapshot(): Promise<Snapshot>;
}

/** Creates the metrics of a process, all at zero. One per process: every call counts here. */
export function createMetrics(): ProcessMetrics {
  const registry = new Registry();
  return {
    playback: createPlaybackMetrics(registry),
    assets: createAssetMetrics(registry),
    isolation: createIsolationMetrics(registry),
    transcription: createTranscriptionMetrics(registry),
    ...createEventLoopMetrics(registry, 'host'),
    snapshot: () => registry.getMetricsAsJSON(),
  } satisfies ProcessMetrics;
}
