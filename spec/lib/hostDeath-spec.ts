import { expect } from 'chai';
import { filter } from 'rxjs';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { now } from '../../demo/participants/heardWindows.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { notHeard } from '../support/notHeard.js';
import type { Scene } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { forgivingPhraseBook } from '../support/forgivingPhraseBook.js';
import { useProviders } from '../support/useProviders.js';
import { useScene } from '../support/useScene.js';
import { repeatUntil } from '../support/repeatUntil.js';
import { heardOf } from '../support/transcribedRoom.js';

/** A host is given up after 10 s of silence, and another one joins. */
const SOON = 30_000;
const MUSIC = 1_500;
const VOICE = 400;
/** After which what was said has no text any more. */
const UNHEARD = 10_000;

describe('a call host that dies', function () {
  this.timeout(240_000);
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 8_000 }]) },
  }));
  const { providers, phrase } = useProviders(forgivingPhraseBook);
  let scene: Scene;
  let bot: BotProcess;
  let caller: DemoParticipant;
  let colleague: DemoParticipant;
  let identity: string;

  beforeEach(async () => {
    scene = stage.scene();
    bot = await startBot(stage.server(), {
      env: { ...providers().env, MEDIA_BOT_ASSET_ORIGINS: stage.assets().origin },
    });
    caller = await scene.join('caller');
    colleague = await scene.join('colleague', { kind: 'standard' });
    await scene.service.dispatchBot();
    identity = await scene.service.botJoined(SOON);
    const id = await scene.service.transcribe(identity, { enabled: true, language: 'en' });
    await scene.service.transcribeAnswer(identity, id, SOON);
  });
  afterEach(() => bot.stop('SIGKILL'));

  const play = (loop: boolean) =>
    scene.service.play('caller', { url: stage.assets().urlOf('music'), loop, onEnd: 'keep' });
  const music = (since: number) =>
    caller.waitForTone(MUSIC, { within: SOON, from: identity, since });
  const isBot = ({ identity: each }: { readonly identity: string }) =>
    each.startsWith('media-bot-');
  /** The host that carries the call, as its lines name it. */
  async function hostPid(): Promise<number> {
    const line = await bot.waitForLog((l) => l.process === 'host' && l.job !== undefined, SOON);
    return Number(line.pid);
  }

  /** Holds the caller, strikes the host, and resolves when the music is back, with when it struck. */
  async function strike(signal: NodeJS.Signals): Promise<number> {
    await play(true);
    await scene.service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
    await music(now());
    await colleague.speak(VOICE);
    const pid = await hostPid();
    const struck = now();
    process.kill(pid, signal);
    await bot.waitForLog(({ message }) => message === 'call to be taken over', SOON);
    await bot.waitForLog((l) => l.message === 'call joined' && since(l) > struck, SOON);
    await music(now());
    return struck;
  }
  const textsCome = (count: number) => heardOf(caller, 'colleague', count, 2 * SOON);
  /**
   * From when the bot listens nobody is told: what is said before then has no text. Of all phrases
   * this is the one whose end alone is not like another.
   */
  async function patienceUnderstood(count: number): Promise<void> {
    await repeatUntil(textsCome(count), () => colleague.say(phrase('en-patience')), UNHEARD);
  }
  const since = ({ timestamp }: Readonly<Record<string, unknown>>) => Date.parse(String(timestamp));

  it('should cost a held caller a gap in the music, and nothing else', async () => {
    const struck = await strike('SIGKILL');
    await notHeard(caller, VOICE, 100, struck);
    const people = await scene.service.rooms.listParticipants(scene.service.room);
    expect(people.filter(isBot).map((each) => each.identity)).to.deep.equal([identity]);
    await colleague.speak(0);
    await scene.service.stop('caller');
    await scene.service.attributes('caller', (map) => map['media.held'] === 'false', SOON);
    await colleague.speak(VOICE);
    await caller.waitForTone(VOICE, { within: SOON, from: 'colleague' });
  });

  it('should be taken over where it stands still as well', async () => {
    const struck = await strike('SIGSTOP');
    await notHeard(caller, VOICE, 100, struck);
  });

  it('should not end the transcription, nor repeat what was published', async () => {
    await patienceUnderstood(1);
    await colleague.say(phrase('en-happy'));
    await textsCome(2);
    process.kill(await hostPid(), 'SIGKILL');
    const again = bot.logs.pipe(
      filter(({ message }) => message === 'call joined'),
      filter((_, index) => index === 1),
    );
    await firstWithin(again, SOON, 'the second join');
    const answered = await scene.service.attributes(
      identity,
      (map) => map['stt.status'] === 'running',
      SOON,
    );
    expect(answered).to.include({ 'stt.enabled': 'true', 'stt.language': 'en' });
    await patienceUnderstood(3);
    const packets = seenSoFar(caller.transcripts).map(({ packet }) => packet);
    const [patience, happy] = ['en-patience', 'en-happy'].map((name) => phrase(name).text);
    expect(packets.map(({ text }) => text)).to.deep.equal([patience, happy, patience]);
    expect(new Set(packets.map(({ id }) => id)).size).to.equal(packets.length);
  });

  it('should play a single shot again from its start', async () => {
    await play(false);
    await music(now());
    process.kill(await hostPid(), 'SIGKILL');
    await bot.waitForLog(({ message }) => message === 'call to be taken over', SOON);
    const at = now();
    await music(at);
    await scene.service.attributes('caller', (map) => map['media.status'] === 'ended', SOON);
  });
});
