import { expect } from 'chai';
import type { DemoParticipant } from '../../../demo/participants/joinRoom.js';
import type { ReceivedTranscript } from '../../../demo/participants/transcripts.js';
import { forgivingPhraseBook } from '../../support/forgivingPhraseBook.js';
import { type Scene, SOON } from '../../support/scene.js';
import type { RunningCall } from '../../support/startCall.js';
import { heardOf, listensTo, microphonesOf } from '../../support/transcribedRoom.js';
import type { SpeechProviders } from '../../support/speechProviders.js';
import { useProviders } from '../../support/useProviders.js';
import { useScene } from '../../support/useScene.js';

const ENGLISH = JSON.stringify({ stt: { enabled: true, language: 'en' } });

/** One voice; several at a time, and every fault of a provider, take minutes: see `spec/soak`. */
describe('a call: transcription', () => {
  const stage = useScene();
  const { providers, phrase } = useProviders(forgivingPhraseBook);
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

  const startBot = (metadata = ENGLISH) => scene.startBot({ metadata, env: stand.env });
  /** Commands, and resolves with the answer. */
  async function command(bot: RunningCall, enabled: boolean, language?: string) {
    const request = { enabled, ...(language !== undefined && { language }) };
    const id = await scene.service.transcribe(bot.identity, request);
    return scene.service.transcribeAnswer(bot.identity, id, SOON);
  }

  it('should publish a packet of exactly the shape that is promised', async () => {
    const bot = await startBot('{"stt": broken');
    const { 'stt.status_command_id': id } = await command(bot, true, 'en');
    await listensTo(bot, caller);
    await caller.say(phrase('en-happy'));
    const [{ from, packet }] = (await heardOf(agent, 'caller')) as [ReceivedTranscript];
    expect(from).to.equal(bot.identity);
    const { id: uuid, confidence, start_ms, end_ms, sentiment, ...rest } = packet;
    expect(rest).to.deep.equal({
      type: 'FINAL_TRANSCRIPT',
      version: 1,
      session: bot.room().localParticipant!.sid,
      seq: 1,
      room: scene.service.room,
      command_id: id,
      participant: { identity: 'caller', name: 'A caller', kind: 'SIP' },
      track_sid: microphonesOf(bot, 'caller')[0]!.sid,
      held: false,
      text: phrase('en-happy').text,
      language: 'en',
      provider: 'deepgram',
      model: 'nova-3',
    });
    expect(uuid).to.match(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(confidence).to.be.within(0, 1);
    expect([start_ms, end_ms].every(Number.isInteger)).to.equal(true);
    expect(sentiment).to.have.all.keys('compound', 'pos', 'neu', 'neg', 'label', 'supported');
    expect(sentiment).to.include({ label: 'positive', supported: true });
  });

  it('should refuse what it does not understand, and go on with what it does', async () => {
    const bot = await startBot();
    await listensTo(bot, caller);
    const badTag = await command(bot, true, 'no language');
    const bad = { 'stt.enabled': 'maybe', 'stt.command_id': 'bad' };
    await scene.service.write(bot.identity, bad);
    const badVerb = await scene.service.transcribeAnswer(bot.identity, 'bad', SOON);
    for (const answer of [badTag, badVerb]) {
      expect(answer).to.include({ 'stt.status': 'failed' });
      expect(answer['stt.error']).to.match(/^invalid_command: stt\.(language|enabled) /);
    }
    await caller.say(phrase('en-patience'));
    const [transcript] = await heardOf(agent, 'caller');
    expect(transcript!.packet).to.include({ provider: 'deepgram', seq: 1 });
  });

  it('should listen to nobody once it is switched off', async () => {
    const bot = await startBot();
    await listensTo(bot, caller);
    const answer = await command(bot, false);
    expect(answer).to.include({ 'stt.status': 'stopped' });
    expect(microphonesOf(bot, 'caller').map(({ track }) => track)).to.deep.equal([undefined]);
  });
});
