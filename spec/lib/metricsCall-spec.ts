import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall, type PlayRequest } from '../../demo/callService.js';
import { freePort } from '../../demo/freePort.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { forgivingPhraseBook } from '../support/forgivingPhraseBook.js';
import { metricsFaults } from '../support/metricsFaults.js';
import { publishVoice } from '../support/patientVoice.js';
import { promtoolFaults } from '../support/promtoolFaults.js';
import { type SpeechProviders, startSpeechProviders } from '../support/speechProviders.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';
import { showsMetrics } from '../support/showsMetrics.js';

const SOON = 20_000;
/** Of an asset that comes at half the pace at which it is played. */
const SLOW_MS = 1_000;

describe('the metrics of a call', function () {
  this.timeout(6 * SOON);
  const server = useLiveKitServer();
  let assets: AssetServer;
  let phrases: readonly Phrase[];
  let providers: SpeechProviders;
  let bot: BotProcess;
  let call: CallService;
  let caller: DemoParticipant;
  let page: string;

  before(async () => {
    phrases = await loadPhrases();
    providers = await startSpeechProviders(forgivingPhraseBook(phrases));
    const hold = await toneMp3([{ hz: 1_500, ms: 1_000 }]);
    const slow = await toneMp3([{ hz: 900, ms: SLOW_MS }]);
    assets = await startAssetServer({
      hold: { body: hold },
      slow: { body: slow, bytesPerSecond: Math.ceil(slow.length / ((2 * SLOW_MS) / 1_000)) },
    });
  });
  beforeEach(async () => {
    const port = await freePort();
    page = `http://127.0.0.1:${port}/metrics`;
    bot = await startBot(server(), {
      env: {
        ...providers.env,
        // Refused: the fallback, which is Groq, has to serve what Deepgram should.
        DEEPGRAM_API_KEY: 'the-key-of-nobody',
        MEDIA_BOT_PROMETHEUS_PORT: String(port),
        MEDIA_BOT_ASSET_ORIGINS: assets.origin,
        MEDIA_BOT_LOAD_THRESHOLD: '1',
        MEDIA_BOT_DRAIN_SECONDS: '0',
      },
    });
    const metadata = '{"stt":{"enabled":true,"language":"en"}}';
    call = await openCall(server(), { room: `room-${randomUUID()}`, metadata });
    caller = await joinRoom(server(), { room: call.room, identity: 'caller', kind: 'sip' });
  });
  afterEach(async () => {
    await caller.leave();
    await call.close();
    await bot.stop();
  });
  after(async () => {
    await assets.close();
    await providers.close();
  });

  const shows = (...samples: readonly string[]) => showsMetrics(page, samples, SOON);
  const valueOf = (text: string, series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );

  const play = async (
    name: string,
    status: 'playing' | 'failed' | 'ended',
    more: Partial<PlayRequest>,
  ) => {
    const id = await call.play('caller', { url: assets.urlOf(name), ...more });
    await call.answer('caller', id, SOON, status);
  };

  it('should tell its story, in a page that is in order', async () => {
    await play('hold', 'playing', { loop: true });
    await shows('media_bot_asset_fetches_total{outcome="fetched"} 1');
    await play('hold', 'playing', { loop: true });
    await play('nowhere', 'failed', { onEnd: 'keep' });
    await play('slow', 'ended', { onEnd: 'keep' });
    const voice = await publishVoice(caller);
    await voice.heard();
    await voice.say(phrases.find(({ file }) => file === 'en-thanks.wav')!);
    const text = await shows(
      'media_bot_calls 1',
      'media_bot_calls_started_total 1',
      'media_bot_calls_ended_total{outcome="completed"} 0',
      'media_bot_asset_cache_lookups_total{result="miss"} 3',
      'media_bot_asset_cache_lookups_total{result="hit"} 1',
      'media_bot_first_audio_seconds_count{source="cache"} 1',
      'media_bot_first_audio_seconds_count{source="fetch"} 2',
      'media_bot_asset_fetches_total{outcome="fetched"} 2',
      'media_bot_asset_fetches_total{outcome="asset_unreachable"} 1',
      'media_bot_asset_fetch_seconds_count{outcome="fetched"} 2',
      'media_bot_answers_total{status="failed",error="asset_unreachable"} 1',
      'media_bot_answers_total{status="ended",error="room_kept"} 1',
      'media_bot_isolations_total 1',
      'media_bot_transcripts_total{provider="groq"} 1',
      'media_bot_transcription_failovers_total{provider="deepgram"} 1',
      'media_bot_transcription_failures_total{provider="deepgram",kind="fatal"} 1',
      'media_bot_transcription_lost_seconds_total{provider="deepgram"} 0',
      'media_bot_stt_circuit{provider="deepgram"} 1',
    );
    expect(valueOf(text, 'media_bot_playback_underruns_total')).to.be.at.least(1);
    expect(valueOf(text, 'media_bot_playback_underrun_seconds_total')).to.be.above(0);
    expect(
      valueOf(text, 'media_bot_transcription_speech_seconds_total{provider="groq"}'),
    ).to.be.above(0);
    expect(valueOf(text, 'media_bot_memory_bytes{process="host 2"}')).to.be.above(0);
    for (const process of ['worker', 'host']) {
      const lag = `media_bot_event_loop_lag_seconds{process="${process}"}`;
      expect(valueOf(text, lag)).to.be.at.least(0);
    }
    expect(metricsFaults(text)).to.deep.equal([]);
    expect(await promtoolFaults('metrics', text)).to.deep.equal([]);
    await deleteRoomUntil(
      shows('media_bot_calls 0', 'media_bot_calls_ended_total{outcome="completed"} 1'),
      call,
    );
  });
});
