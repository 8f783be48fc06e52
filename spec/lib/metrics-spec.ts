import { expect } from 'chai';
import { createMetrics, type Metrics, type ProcessMetrics } from '../../lib/metrics.js';
import { metricsText } from '../../lib/metricsSnapshot.js';
import { createWorkerMetrics, type WorkerMetrics } from '../../lib/metricsWorker.js';
import { MediaError } from '../../operators/mediaError.js';

type Counting = Pick<ProcessMetrics, 'snapshot'>;

/** Every sample that is not zero, as it is served. */
async function samples({ snapshot }: Counting): Promise<readonly string[]> {
  const text = await metricsText([await snapshot()]);
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));
}

const isBucket = (line: string) => line.includes('_bucket{');

describe('createMetrics', () => {
  let metrics: ProcessMetrics;
  beforeEach(() => {
    metrics = createMetrics();
  });

  const cases: readonly [string, (counting: Metrics) => void, readonly string[]][] = [
    [
      'an answer',
      ({ playback }) => playback.answered({ status: 'playing' }),
      ['media_bot_answers_total{status="playing",error=""} 1'],
    ],
    [
      'an answer with an error',
      ({ playback }) => {
        const error = new MediaError('asset_refused', 'https://secret.example/a.mp3');
        playback.answered({ status: 'failed', error });
      },
      ['media_bot_answers_total{status="failed",error="asset_refused"} 1'],
    ],
    [
      'a request for an asset',
      ({ assets }) => assets.fetched('asset_too_large'),
      ['media_bot_asset_fetches_total{outcome="asset_too_large"} 1'],
    ],
    [
      'what is kept of assets now',
      ({ assets }) => {
        assets.cached('memory', 9);
        assets.cached('memory', 5);
      },
      ['media_bot_asset_cache_bytes{tier="memory"} 5'],
    ],
    [
      'an isolation and its time in seconds',
      ({ isolation }) => isolation.isolated(40),
      [
        'media_bot_isolation_seconds_sum 0.04',
        'media_bot_isolation_seconds_count 1',
        'media_bot_isolations_total 1',
      ],
    ],
    ['a repair', ({ isolation }) => isolation.repaired(), ['media_bot_isolation_repairs_total 1']],
    [
      'a failure of the API',
      ({ isolation }) => isolation.apiFailed(),
      ['media_bot_isolation_api_failures_total 1'],
    ],
    [
      'a fallback',
      ({ isolation }) => isolation.silenced(),
      ['media_bot_isolation_fallbacks_total 1'],
    ],
    [
      'a transcript and its latency in seconds',
      ({ transcription }) => transcription.published('groq', 700),
      [
        'media_bot_transcripts_total{provider="groq"} 1',
        'media_bot_transcription_latency_seconds_sum{provider="groq"} 0.7',
        'media_bot_transcription_latency_seconds_count{provider="groq"} 1',
      ],
    ],
    [
      'a failure of a provider',
      ({ transcription }) => transcription.failed('deepgram', 'throttle'),
      ['media_bot_transcription_failures_total{provider="deepgram",kind="throttle"} 1'],
    ],
    [
      'lost speech in seconds',
      ({ transcription }) => transcription.lost(1_500),
      ['media_bot_transcription_lost_seconds_total 1.5'],
    ],
    [
      'dropped audio in seconds',
      ({ transcription }) => transcription.dropped(250),
      ['media_bot_transcription_dropped_audio_seconds_total 0.25'],
    ],
    [
      'an open circuit',
      ({ transcription }) => transcription.circuit('elevenlabs', 'open'),
      ['media_bot_stt_circuit{provider="elevenlabs"} 1'],
    ],
  ];
  for (const [what, tell, expected] of cases) {
    it(`should count ${what}`, async () => {
      tell(metrics);
      const told = await samples(metrics);
      expect(told.filter((line) => !isBucket(line))).to.have.members(expected);
    });
  }

  it('should put times into the buckets that hold them', async () => {
    metrics.isolation.isolated(40);
    const buckets = (await samples(metrics)).filter(isBucket);
    expect(buckets[0]).to.equal('media_bot_isolation_seconds_bucket{le="0.05"} 1');
    expect(buckets.at(-1)).to.equal('media_bot_isolation_seconds_bucket{le="+Inf"} 1');
  });

  it('should keep the counts of two processes apart', async () => {
    metrics.isolation.repaired();
    expect(await samples(createMetrics())).to.deep.equal([]);
  });
});

describe('createWorkerMetrics', () => {
  let metrics: WorkerMetrics;
  beforeEach(() => {
    metrics = createWorkerMetrics();
  });

  it('should count accepted jobs, and refused ones by reason', async () => {
    metrics.answered(undefined);
    metrics.answered('overloaded');
    metrics.answered('overloaded');
    expect(await samples(metrics)).to.deep.equal([
      'media_bot_jobs_accepted_total 1',
      'media_bot_jobs_refused_total{reason="overloaded"} 2',
    ]);
  });

  it('should show how the worker fares', async () => {
    metrics.fares({ registered: true, calls: 3 });
    metrics.hosts(2, 1);
    metrics.load(0.25);
    expect(await samples(metrics)).to.deep.equal([
      'media_bot_calls 3',
      'media_bot_registered 1',
      'media_bot_hosts{state="ready"} 2',
      'media_bot_hosts{state="missing"} 1',
      'media_bot_load_ratio 0.25',
    ]);
    metrics.fares({ registered: false, calls: 0 });
    expect((await samples(metrics)).join()).not.to.match(/registered|calls/);
  });
});
