import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { filter } from 'rxjs';
import { packageWeights } from '../../bench/packageWeights.js';
import { type AssetServer, startAssetServer } from '../../demo/assetServer.js';
import type { BotProcess } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { loadPhrases, type Phrase } from '../../demo/providers/phrases/loadPhrases.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { forgivingPhraseBook } from '../support/forgivingPhraseBook.js';
import { createTestCa } from '../support/httpsServer.js';
import { canChangeUser, runInImage, startImage } from '../support/imageProcess.js';
import { type PatientVoice, publishVoice } from '../support/patientVoice.js';
import { type ReplayedImage, replayDockerfile } from '../support/replayDockerfile.js';
import { type SpeechProviders, startSpeechProviders } from '../support/speechProviders.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const MUSIC_HZ = 440;
const SOON = 30_000;
/** Packages may have to be downloaded first, on a slow machine. */
const BUILD = 600_000;
/** A little over what it is: a package that brings another model, say, is to be noticed. */
const LARGEST_MIB = 130;
const ANY_SETTINGS = {
  LIVEKIT_URL: 'ws://127.0.0.1:1',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret',
  GROQ_API_KEY: 'key',
  DEEPGRAM_API_KEY: 'key',
  ELEVENLABS_API_KEY: 'key',
};
const JOIN_BY_TLS = `
  import { dispose, Room } from '@livekit/rtc-node';
  await new Room().connect(process.env.URL, 'token').catch((error) => console.log(error.message));
  await dispose();
`;
const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  devDependencies: Record<string, string>;
};
const user = canChangeUser ? 'somebody who owns nothing' : 'the user who runs the tests';

describe('the image', () => {
  const server = useLiveKitServer();
  let image: ReplayedImage;

  before(async function () {
    this.timeout(BUILD);
    image = await replayDockerfile('.');
    execFileSync('chmod', ['-R', 'a-w', image.pathOf('/')]);
  });
  after(() => image.remove());

  it('should hold what is run, and nothing else', () => {
    expect(readdirSync(image.workdir)).to.have.members([
      ...['LICENSE', 'dist', 'node_modules', 'package.json'],
    ]);
    const built = readdirSync(image.pathOf('dist'), { recursive: true }).map(String);
    expect(readdirSync(image.pathOf('dist'))).to.have.members(['lib', 'operators', 'streams']);
    expect(built.filter((file) => !/\.js$|^[^.]+$/.test(file))).to.deep.equal([]);
    const tools = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'));
    expect(tools.filter((name) => existsSync(image.pathOf(`node_modules/${name}`)))).to.be.empty;
  });

  it(`should weigh less than ${LARGEST_MIB} MiB`, async () => {
    const weights = await packageWeights(image.workdir);
    const total = weights.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total / 2 ** 20).to.be.within(10, LARGEST_MIB);
  });

  it('should say what it is, and how it wants to be run', () => {
    expect(image).to.deep.include({ uid: 10001, stopSignal: 'SIGTERM' });
    const label = 'org.opencontainers.image';
    expect(image.labels).to.include({ [`${label}.licenses`]: 'Apache-2.0' });
    expect(Object.keys(image.labels)).to.include.members([
      ...[`${label}.title`, `${label}.source`, `${label}.version`, `${label}.revision`],
    ]);
  });

  it('should have roots of trust for the native part of rtc-node', async () => {
    const stranger = createServer(createTestCa()).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const join = ['node', '--input-type=module', '--eval', JOIN_BY_TLS];
    const URL = `wss://127.0.0.1:${port}`;
    const withRoots = await runInImage(image, join, { URL });
    const without = await runInImage(image, join, { URL, SSL_CERT_FILE: '/nowhere' });
    stranger.close();
    expect(withRoots.output).to.include('UnknownIssuer');
    expect(without.output).to.include('no native root CA certificates found');
  });

  it('should be able to run the stock worker', async () => {
    const help = ['node', 'dist/lib/agent.js', '--help'];
    expect(await runInImage(image, help, ANY_SETTINGS)).to.include({ code: 0 });
  });

  it('should be unhealthy where nothing runs', async () => {
    const settings = { MEDIA_BOT_HEALTH_PORT: '1' };
    expect(await runInImage(image, image.healthcheck, settings)).to.include({ code: 1 });
  });

  describe(`run by ${user}, without a file that could be written`, () => {
    let bot: BotProcess;
    let assets: AssetServer;
    let speech: SpeechProviders;
    let service: CallService;
    let caller: DemoParticipant;
    let voice: PatientVoice;
    let agent: DemoParticipant;
    let phrases: readonly Phrase[];

    before(async function () {
      this.timeout(4 * SOON);
      assets = await startAssetServer({
        music: { body: await toneMp3([{ hz: MUSIC_HZ, ms: 3_000 }]) },
      });
      phrases = await loadPhrases();
      speech = await startSpeechProviders(forgivingPhraseBook(phrases));
      const settings = { ...speech.env, MEDIA_BOT_ASSET_ORIGINS: assets.origin };
      bot = await startImage(server(), image, settings);
      service = await openCall(server(), { room: 'image' });
      caller = await joinRoom(server(), { room: 'image', identity: 'caller', kind: 'sip' });
      voice = await publishVoice(caller);
      // So that nobody but the bot listens to the caller.
      const grants = { canSubscribe: false };
      agent = await joinRoom(server(), { room: 'image', identity: 'agent', kind: 'agent', grants });
    });
    after(async () => {
      await bot.stop('SIGKILL');
      await Promise.all([speech.close(), assets.close()]);
    });

    it('should be healthy and ready', async () => {
      const settings = { MEDIA_BOT_HEALTH_PORT: new URL(bot.healthUrl).port };
      expect(await runInImage(image, image.healthcheck, settings)).to.include({ code: 0 });
      expect((await fetch(`${bot.healthUrl}/readyz`)).status).to.equal(200);
    });

    it('should play to a caller', async () => {
      const identity = await service.botJoined(SOON);
      const id = await service.play('caller', { url: assets.urlOf('music'), loop: true });
      await caller.waitForTone(MUSIC_HZ, { within: SOON, from: identity });
      await service.answer('caller', id, SOON, 'playing');
      await service.answer('caller', await service.stop('caller'), SOON, 'stopped');
    }).timeout(3 * SOON);

    for (const [language, provider, file] of [
      ['en', 'deepgram', 'en-patience'],
      ['ar', 'elevenlabs', 'ar-waiting'],
      ['fr', 'groq', 'fr-tomorrow'],
    ] as const) {
      it(`should transcribe by ${provider}, ${language === 'en' ? 'and score' : 'without a score'}`, async () => {
        const identity = await service.botJoined(SOON);
        const id = await service.transcribe(identity, { enabled: true, language });
        await service.transcribeAnswer(identity, id, SOON);
        await voice.heard();
        const phrase = phrases.find((it) => it.file === `${file}.wav`)!;
        const its = agent.transcripts.pipe(filter(({ packet }) => packet.provider === provider));
        const [{ packet }] = await Promise.all([
          firstWithin(its, 2 * SOON, 'the transcript'),
          voice.say(phrase),
        ]);
        expect(packet.text).to.equal(phrase.text);
        expect(packet.sentiment.supported).to.equal(language === 'en');
      }).timeout(5 * SOON);
    }

    it('should end with 0 as it is asked to stop', async () => {
      await Promise.all([caller.leave(), agent.leave()]);
      await service.close();
      expect(await bot.stop(image.stopSignal as NodeJS.Signals)).to.equal(0);
    });
  });
});
