import { monitorEventLoopDelay } from 'node:perf_hooks';
import { once } from 'node:events';
import { SimulateScenarioKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import { concat, filter, of } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { Spoken } from '../../demo/participants/mouth.js';
import type { ReceivedTranscript } from '../../demo/participants/transcripts.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import type { RunningCall } from '../support/startCall.js';
import { firstOnes, heardOf, listensTo, microphonesOf } from '../support/transcribedRoom.js';
import type { SpeechProviders } from '../support/speechProviders.js';
import { useProviders } from '../support/useProviders.js';
import { useScene } from '../support/useScene.js';
import { captionsOf } from '../support/captionsOf.js';

/** How far a transcript's times may be from when the speech left the microphone. */
const NEAR_MS = 150;
/** A language that is commanded, and the phrase that is said in it. */
type Line = readonly [language: string | undefined, phrase?: string];
const ENGLISH = JSON.stringify({ stt: { enabled: true, language: 'en' } });

describe('a call: transcription of several', function () {
  this.timeout(60_000);
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: 440, ms: 3_000 }]) },
  }));
  const { providers, phrase } = useProviders();
  let scene: Scene;
  let caller: DemoParticipant;
  let agent: DemoParticipant;
  let stand: SpeechProviders;
  beforeEach(async () => {
    scene = stage.scene();
    stand = providers();
    caller = await scene.join('caller', { name: 'A caller' });
    agent = await scene.join('agent', { kind: 'agent' });
  });

  /** How long this process has been busy elsewhere at most, bot and people alike. */
  const delay = monitorEventLoopDelay({ resolution: 5 });
  beforeEach(() => {
    delay.reset();
    delay.enable();
  });
  afterEach(() => delay.disable());
  const startBot = (metadata = ENGLISH, env: Readonly<Record<string, string>> = {}) =>
    scene.startBot({ metadata, env: { ...stand.env, ...env } });
  /** Commands, and resolves with the answer. */
  async function command(bot: RunningCall, enabled: boolean, language?: string) {
    const request = { enabled, ...(language !== undefined && { language }) };
    const id = await scene.service.transcribe(bot.identity, request);
    return scene.service.transcribeAnswer(bot.identity, id, SOON);
  }
  const textOf = ({ packet }: ReceivedTranscript) => packet.text;
  const speakerOf = ({ packet }: ReceivedTranscript) => packet.participant.identity;
  const received = (person: DemoParticipant) => seenSoFar(person.transcripts);
  /** The same texts, once each, in both forms. */
  async function expectBothForms(person: DemoParticipant): Promise<void> {
    await firstOnes(concat(of(undefined), person.captions), received(person).length + 1);
    const captions = captionsOf(person);
    expect(captions.map(({ from, text, attributes }) => [from, text, attributes])).to.deep.equal(
      received(person).map(({ packet }) => [
        packet.participant.identity,
        packet.text,
        {
          'lk.segment_id': packet.id,
          'lk.transcribed_track_id': packet.track_sid,
          'lk.transcription_final': 'true',
        },
      ]),
    );
  }
  function expectTimes({ packet }: ReceivedTranscript, spoken: Spoken): void {
    const late = NEAR_MS + delay.max / 1e6;
    expect(packet.start_ms - spoken.startMs, `start of ${packet.text}`).within(-NEAR_MS, late);
    expect(packet.end_ms - spoken.endMs, `end of ${packet.text}`).within(-NEAR_MS, late);
  }
  const noneOpen = async () => {
    for (const provider of [stand.deepgram, stand.groq, stand.elevenlabs]) {
      await firstWithin(provider.open.pipe(filter((count) => count === 0)), SOON, 'none open');
    }
  };

  describe('in its languages', () => {
    /** Says a phrase in each language, one after the other, and resolves with the transcripts. */
    async function sayIn(bot: RunningCall, languages: readonly Line[]) {
      await listensTo(bot, caller);
      const transcripts: ReceivedTranscript[] = [];
      for (const [language, name = 'en-patience'] of languages) {
        await command(bot, true, language);
        await caller.say(phrase(name));
        const heard = await heardOf(agent, 'caller', transcripts.length + 1);
        transcripts.push(heard.at(-1)!);
        expect(textOf(heard.at(-1)!)).to.equal(phrase(name).text);
      }
      return transcripts.map(({ packet }) => [packet.provider, packet.model, packet.language]);
    }

    it('should ask Deepgram for English, in any case', async () => {
      const languages = [['en'], ['en-US'], ['en-GB'], ['EN-us']] as const;
      const deepgram = ['deepgram', 'nova-3', 'en'];
      expect(await sayIn(await startBot(), languages)).to.deep.equal(languages.map(() => deepgram));
      const asked = stand.deepgram.queries().map((query) => query.get('language'));
      expect(asked).to.deep.equal(['en', 'en-US', 'en-GB', 'en-US']);
      expect(stand.groq.requests() + stand.elevenlabs.requests()).to.equal(0);
    });

    it('should ask ElevenLabs for Arabic, and Groq for everything else', async () => {
      const said = await sayIn(await startBot(), [
        ['ar', 'ar-waiting'],
        ['ar-SA', 'ar-waiting'],
        ['fr', 'fr-tomorrow'],
        ['fr-CA', 'fr-tomorrow'],
        ['de', 'de-cancel'],
        [undefined, 'en-patience'],
      ]);
      const arabic = ['elevenlabs', 'scribe_v2', 'ar'];
      const groq = (language: string) => ['groq', 'whisper-large-v3-turbo', language];
      expect(said).to.deep.equal([arabic, arabic, ...['fr', 'fr', 'de', 'en'].map(groq)]);
      const codes = stand.elevenlabs.forms().map((form) => form.language_code);
      expect(codes).to.deep.equal([['ar'], ['ar']]);
      const asked = stand.groq.forms().map(({ language }) => language);
      expect(asked).to.deep.equal([['fr'], ['fr'], ['de'], undefined]);
      expect(stand.deepgram.requests()).to.equal(0);
    });

    it('should route languages as the settings say', async () => {
      const bot = await startBot(ENGLISH, {
        MEDIA_BOT_STT_ROUTES: 'fr=elevenlabs,en-AU=deepgram',
        STT_PROVIDER: 'deepgram',
        ELEVENLABS_MODE: 'realtime',
      });
      const said = await sayIn(bot, [['fr', 'fr-tomorrow'], ['en-au'], ['de', 'de-cancel']]);
      expect(said).to.deep.equal([
        ['elevenlabs', 'scribe_v2_realtime', 'fr'],
        ['deepgram', 'nova-3', 'en'],
        ['deepgram', 'nova-3', 'de'],
      ]);
      expect(stand.groq.requests()).to.equal(0);
    });
  });

  describe('of several at once', () => {
    it('should publish each phrase once, in order, of the right one, at its time', async () => {
      const colleague = await scene.join('colleague', { kind: 'standard' });
      const phone = await scene.join('phone', { kind: 'connector' });
      const bot = await startBot();
      await listensTo(bot, caller, colleague, phone);
      const late = await scene.join('late');
      await listensTo(bot, late);
      const lines: readonly (readonly [DemoParticipant, readonly string[]])[] = [
        [caller, ['en-cancel', 'en-patience']],
        [colleague, ['en-thanks', 'en-check']],
        [phone, ['en-angry', 'en-happy']],
        [late, ['en-balance', 'en-tomorrow']],
      ];
      const url = stage.assets().urlOf('music');
      await scene.service.play('phone', { url, onEnd: 'keep' });
      const words = agent.say(phrase('en-dialed'));
      const said = await Promise.all(
        lines.map(async ([person, names]) => {
          const spoken = [];
          for (const [index, name] of names.entries()) {
            spoken.push(await person.say(phrase(name)));
            await heardOf(agent, person.identity, index + 1);
          }
          return spoken;
        }),
      );
      await words;
      for (const [index, [person, names]] of lines.entries()) {
        const heard = await heardOf(agent, person.identity, names.length);
        expect(heard.map(textOf)).to.deep.equal(names.map((name) => phrase(name).text));
        heard.forEach((transcript, nth) => expectTimes(transcript, said[index]![nth]!));
      }
      expect(received(agent).map(({ packet }) => packet.seq)).to.deep.equal([
        1, 2, 3, 4, 5, 6, 7, 8,
      ]);
      for (const person of [caller, colleague, phone, late]) {
        await firstOnes(person.transcripts, 8);
        expect(received(person).map(({ packet }) => packet)).to.deep.equal(
          received(agent).map(({ packet }) => packet),
        );
        await expectBothForms(person);
      }
    });

    it('should publish what was said up to the moment at which somebody leaves', async () => {
      const guest = await scene.join('guest');
      const bot = await startBot();
      await listensTo(bot, caller, guest);
      const [spoken] = await Promise.all([
        guest.say(phrase('en-check')).then(async (moments) => {
          // What is on its way is lost with its sender; the utterance goes on until its pause is over.
          await agent.waitForSilence({ from: 'guest', quietMs: 100, within: SOON });
          await guest.leave();
          return moments;
        }),
        caller.say(phrase('en-angry')),
      ]);
      const [transcript] = await heardOf(agent, 'guest');
      expect(textOf(transcript!)).to.equal(phrase('en-check').text);
      expectTimes(transcript!, spoken);
      await heardOf(agent, 'caller');
      await noneOpen();
    });

    it('should keep the order of what is said on two tracks, however slow a provider is', async () => {
      const bot = await startBot('{"stt":{"enabled":true,"language":"fr"}}');
      await listensTo(bot, caller);
      stand.groq.fail({ hangs: 'head' }, 1);
      await caller.say(phrase('fr-thanks'));
      await firstWithin(stand.groq.open.pipe(filter((count) => count > 0)), SOON, 'a request');
      await caller.unpublish();
      await listensTo(bot, caller);
      await caller.say(phrase('fr-cancel'));
      const texts = (await heardOf(agent, 'caller', 2)).map(textOf);
      expect(texts).to.deep.equal([phrase('fr-thanks').text, phrase('fr-cancel').text]);
    });

    it('should go on after a full reconnect of its own, and repeat nothing', async () => {
      const bot = await startBot();
      await listensTo(bot, caller);
      await caller.say(phrase('en-patience'));
      await heardOf(agent, 'caller');
      const reconnected = once(bot.room(), 'reconnected');
      await bot.room().simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
      await reconnected;
      await listensTo(bot, caller);
      await caller.say(phrase('en-check'));
      const texts = (await heardOf(agent, 'caller', 2)).map(textOf);
      expect(texts).to.deep.equal([phrase('en-patience').text, phrase('en-check').text]);
      expect(received(agent).map(({ packet }) => packet.seq)).to.deep.equal([1, 2]);
    });
  });

  describe('to whom', () => {
    let colleague: DemoParticipant;
    beforeEach(async () => {
      colleague = await scene.join('colleague', { kind: 'standard' });
    });
    async function hold(bot: RunningCall): Promise<void> {
      const url = stage.assets().urlOf('music');
      await scene.service.play('caller', { url, loop: true });
      await scene.service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
      await listensTo(bot, caller, colleague);
    }
    async function bothSpeak(): Promise<void> {
      await Promise.all([caller.say(phrase('en-angry')), colleague.say(phrase('en-thanks'))]);
      await heardOf(agent, 'caller');
      await heardOf(agent, 'colleague');
    }

    it('should send a held caller nothing, and say of their words that they are held', async () => {
      await hold(await startBot());
      await bothSpeak();
      await heardOf(colleague, 'caller');
      for (const person of [agent, colleague]) {
        const held = received(person).map((heard) => [speakerOf(heard), heard.packet.held]);
        expect(held).to.have.deep.members([
          ['caller', true],
          ['colleague', false],
        ]);
        await expectBothForms(person);
      }
      await scene.service.stop('caller');
      await scene.service.attributes('caller', (map) => map['media.held'] === 'false', SOON);
      await colleague.say(phrase('en-patience'));
      const [first] = await heardOf(caller, 'colleague');
      expect(textOf(first!)).to.equal(phrase('en-patience').text);
      await expectBothForms(caller);
    });

    it('should send the words of a party that is held both ways to agents only', async () => {
      await hold(await startBot(ENGLISH, { MEDIA_BOT_HOLD_BOTH_WAYS: 'true' }));
      await bothSpeak();
      await heardOf(colleague, 'colleague');
      expect(received(agent).map(speakerOf)).to.have.members(['caller', 'colleague']);
      expect(received(colleague).map(speakerOf)).to.deep.equal(['colleague']);
      expect(received(caller)).to.deep.equal([]);
      for (const person of [agent, colleague, caller]) await expectBothForms(person);
    });

    it('should send transcripts to agents only where the settings say so', async () => {
      const bot = await startBot(ENGLISH, { MEDIA_BOT_TRANSCRIPT_TO: 'agents' });
      await listensTo(bot, caller, colleague);
      await bothSpeak();
      expect(received(agent)).to.have.length(2);
      await expectBothForms(agent);
      for (const person of [caller, colleague]) {
        expect([...received(person), ...seenSoFar(person.captions)]).to.deep.equal([]);
      }
    });
  });

  describe('on command', () => {
    it('should finish what is being said when it is switched off, and hear nothing more', async () => {
      const bot = await startBot();
      await listensTo(bot, caller);
      await caller.say(phrase('en-patience'));
      // What has not reached the bot yet cannot be finished.
      await agent.waitForSilence({ within: SOON, quietMs: 100, from: 'caller' });
      const answer = await command(bot, false);
      expect(answer).to.include({ 'stt.status': 'stopped' });
      const [transcript] = await heardOf(agent, 'caller');
      expect(textOf(transcript!)).to.equal(phrase('en-patience').text);
      expect(transcript!.packet.command_id).not.to.equal(answer['stt.status_command_id']);
      await noneOpen();
      expect(microphonesOf(bot, 'caller').map(({ track }) => track)).to.deep.equal([undefined]);
      const heard = stand.deepgram.audioSeconds();
      await caller.say(phrase('en-check'));
      const again = await command(bot, true, 'en');
      expect(again).to.include({ 'stt.status': 'running', 'stt.provider': 'deepgram' });
      await listensTo(bot, caller);
      expect(stand.deepgram.audioSeconds()).to.equal(heard);
      await caller.say(phrase('en-happy'));
      const texts = (await heardOf(agent, 'caller', 2)).map(textOf);
      expect(texts).to.deep.equal([phrase('en-patience').text, phrase('en-happy').text]);
    });
  });
});
