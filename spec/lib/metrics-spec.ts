import { expect } from 'chai';
import { createMetrics, type ProcessMetrics } from '../../lib/metrics.js';
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

  const cases: readonly [string, (counting: ProcessMetrics) => void, readonly string[]][] = [
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
      ({ assets }) => assets.fetched('fetched', 250),
      [
        'media_bot_asset_fetches_total{outcome="fetched"} 1',
        'media_bot_asset_fetch_seconds_sum{outcome="fetched"} 0.25',
        'media_bot_asset_fetch_seconds_count{outcome="fetched"} 1',
      ],
    ],
    [
      'one that failed, whose time says nothing',
      ({ assets }) => assets.fetched('asset_too_large', 250),
      ['media_bot_asset_fetches_total{outcome="asset_too_large"} 1'],
    ],
    [
      'a look for an asset',
      ({ assets }) => assets.lookedUp('revalidated'),
      ['media_bot_asset_cache_lookups_total{result="revalidated"} 1'],
    ],
    [
      'the first sound of an asset that was kept',
      ({ assets }) => assets.began('hit', 5),
      [
        'media_bot_first_audio_seconds_sum{source="cache"} 0.005',
        'media_bot_first_audio_seconds_count{source="cache"} 1',
      ],
    ],
    [
      'the first sound of one that its server was asked for',
      ({ assets }) => {
        assets.began('revalidated', 30);
        assets.began('miss', 70);
      },
      [
        'media_bot_first_audio_seconds_sum{source="fetch"} 0.1',
        'media_bot_first_audio_seconds_count{source="fetch"} 2',
      ],
    ],
    [
      'an underrun and its silence in seconds',
      ({ playback }) => playback.ranDry(120),
      ['media_bot_playback_underruns_total 1', 'media_bot_playback_underrun_seconds_total 0.12'],
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
      'a transcript, its speech and its latency in seconds',
      ({ transcription }) => transcription.published('groq', 2_500, 700),
      [
        'media_bot_transcripts_total{provider="groq"} 1',
        'media_bot_transcription_speech_seconds_total{provider="groq"} 2.5',
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
      'an utterance that the fallback has served',
      ({ transcription }) => transcription.failedOver('deepgram'),
      ['media_bot_transcription_failovers_total{provider="deepgram"} 1'],
    ],
    [
      'lost speech in seconds, by who was to serve it',
      ({ transcription }) => {
        transcription.lost('elevenlabs', 1_500);
        transcription.lost('none', 500);
      },
      [
        'media_bot_transcription_lost_seconds_total{provider="elevenlabs"} 1.5',
        'media_bot_transcription_lost_seconds_total{provider="none"} 0.5',
      ],
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
    [
      'how late the event loop is now, in seconds',
      (counting) => {
        counting.lagged(900);
        counting.lagged(30);
      },
      ['media_bot_event_loop_lag_seconds{process="host"} 0.03'],
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

  it('should count calls that have started, and those that are over by outcome', async () => {
    metrics.callStarted();
    metrics.callStarted();
    metrics.callEnded('failed');
    expect(await samples(metrics)).to.deep.equal([
      'media_bot_calls_started_total 2',
      'media_bot_calls_ended_total{outcome="failed"} 1',
    ]);
  });

  it('should show how the worker fares', async () => {
    metrics.fares({ registered: true, calls: 3 });
    metrics.hosts(2, 1);
    metrics.load(0.25);
    metrics.lagged(40);
    expect(await samples(metrics)).to.deep.equal([
      'media_bot_calls 3',
      'media_bot_registered 1',
      'media_bot_hosts{state="ready"} 2',
      'media_bot_hosts{state="missing"} 1',
      'media_bot_load_ratio 0.25',
      'media_bot_event_loop_lag_seconds{process="worker"} 0.04',
    ]);
    metrics.fares({ registered: false, calls: 0 });
    expect((await samples(metrics)).join()).not.to.match(/registered|calls/);
  });
});
