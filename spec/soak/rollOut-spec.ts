import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { now } from '../../demo/participants/heardWindows.js';
import { expectUnbroken } from '../support/expectUnbroken.js';
import { expectWordForWord } from '../support/expectWordForWord.js';
import { MUSIC, NEXT, PARTS, VOICE } from '../support/holdSounds.js';
import { keepTalking } from '../support/keepTalking.js';
import { tonesHeard } from '../support/tonesHeard.js';
import { useRelay } from '../support/useRelay.js';
import type { WatchedCall } from '../support/watchedCall.js';
import { exitCode, killTree, terminate } from '../support/workers.js';

const SOON = 90_000;
/** After a worker has given up to hand its calls over at once: contract, "Handover". */
const LATE = 13_000;
/** Between two dispatches. */
const AGAIN = 3_000;

/** When something happens during a handover; each resolves with the newcomer. */
const MOMENTS = {
  'as the new one joins': (call: WatchedCall) => call.relievedBy(call.bot),
  'as the new one is ready': async (call: WatchedCall) => {
    const newcomer = await call.relievedBy(call.bot);
    await call.ready(newcomer);
    return newcomer;
  },
} as const;

describe('soak: calls that are handed over', function () {
  this.timeout(300_000);
  const { startWorker, openCall, openHeldCall, phrase, url } = useRelay();

  /** Waits for the new bot to be alone, and for the caller to hear its music. */
  async function goesOn(call: WatchedCall, newcomer: string): Promise<void> {
    await call.leftTo(newcomer);
    await call.caller.waitForTone(MUSIC, { within: SOON, from: newcomer, since: now() });
  }
  const released = ({ scene }: WatchedCall) =>
    scene.service.attributes('caller', (map) => map['media.held'] === 'false', SOON);
  /** Has a caller hear an announcement, and expects that they do so once. */
  async function announced({ scene, caller }: WatchedCall): Promise<void> {
    const since = now();
    const id = await scene.service.play('caller', { url: url('announcement'), onEnd: 'keep' });
    await scene.service.answer('caller', id, SOON, 'ended');
    expect(tonesHeard(caller, PARTS, since)).to.deep.equal(PARTS);
  }

  it('should go to a worker that comes late', async () => {
    const old = await startWorker();
    const call = await openHeldCall();
    await call.greet();
    terminate(old);
    // Nothing happens by which one could know that the time is over.
    await setTimeout(LATE);
    const since = now();
    await call.caller.waitForTone(MUSIC, { within: SOON, from: call.bot, since });
    const talking = keepTalking(call.colleague, [phrase('en-angry'), phrase('en-order')]);
    await startWorker();
    await goesOn(call, await call.relievedBy(call.bot));
    expect(await exitCode(old, SOON)).to.equal(0);
    expectUnbroken(call, since);
    const said = await talking.end();
    await call.colleague.say(phrase('en-happy'));
    await call.read(phrase('en-happy').text);
    expectWordForWord(call, [...said, phrase('en-happy').text]);
  });

  it('should stay where the only other worker refuses, until another one comes', async () => {
    const old = await startWorker();
    const call = await openHeldCall();
    await startWorker({ MEDIA_BOT_LOAD_THRESHOLD: '0.001' });
    await startWorker({ MEDIA_BOT_MEMORY_LIMIT_MB: '128' });
    const since = now();
    terminate(old);
    await setTimeout(LATE);
    await call.caller.waitForTone(MUSIC, { within: SOON, from: call.bot, since: now() });
    expect(call.botsSeen()).to.deep.equal([call.bot]);
    await startWorker();
    await goesOn(call, await call.relievedBy(call.bot));
    expect(await exitCode(old, SOON)).to.equal(0);
    expectUnbroken(call, since);
  });

  it('should go to one that comes after all have been told to stop', async () => {
    const old = [await startWorker(), await startWorker()];
    const calls = [await openHeldCall(), await openHeldCall(), await openHeldCall()];
    const since = now();
    for (const worker of old) terminate(worker);
    await startWorker();
    for (const call of calls) await goesOn(call, await call.relievedBy(call.bot));
    for (const worker of old) expect(await exitCode(worker, SOON)).to.equal(0);
    for (const call of calls) expectUnbroken(call, since);
  });

  it('should stay with the old one, or go to the next, where new ones die as they join', async () => {
    const old = await startWorker();
    const call = await openCall();
    // A new one is not ready before it has this: time enough to kill it.
    await call.hold(url('slow music'), MUSIC);
    const since = now();
    let doomed = await startWorker();
    terminate(old);
    for (let deaths = 1; deaths <= 2; deaths += 1) {
      await call.seenBots(deaths + 1);
      await killTree(doomed);
      await call.caller.waitForTone(MUSIC, { within: SOON, from: call.bot, since: now() });
      doomed = await startWorker();
    }
    expect(await exitCode(old, SOON)).to.equal(0);
    await goesOn(call, (await call.seenBots(4)).at(-1)!);
    expectUnbroken(call, since);
  });

  it('should be taken up, still on hold, where the new one dies as soon as it is ready', async () => {
    const old = await startWorker();
    const call = await openHeldCall();
    const since = now();
    const doomed = await startWorker();
    terminate(old);
    await call.ready(await call.relievedBy(call.bot));
    await killTree(doomed);
    await startWorker();
    expect(await exitCode(old, SOON)).to.equal(0);
    // The old one may have gone by then: it is for the Call Service to ask for another one.
    while (call.botsSeen().length < 3) {
      await call.scene.service.dispatchBot();
      await setTimeout(AGAIN);
    }
    await goesOn(call, call.botsSeen().at(-1)!);
    expectUnbroken(call, since);
  });

  for (const [when, moment] of Object.entries(MOMENTS)) {
    it(`should obey once what is commanded ${when}`, async () => {
      const old = await startWorker();
      const stopped = await openHeldCall();
      const changed = await openHeldCall();
      const again = await openHeldCall();
      const shot = await openCall();
      await startWorker();
      const since = now();
      terminate(old);
      const commanded = [
        moment(stopped).then(() => stopped.scene.service.stop('caller')),
        moment(changed).then(() => changed.hold(url('next'), NEXT)),
        moment(again)
          .then(() => again.scene.service.stop('caller'))
          .then(() => released(again))
          .then(() => again.hold(url('next'), NEXT)),
        moment(shot).then(() => announced(shot)),
      ];
      await Promise.all(commanded);
      expect(await exitCode(old, SOON)).to.equal(0);

      for (const call of [changed, again]) {
        const newcomer = await call.relievedBy(call.bot);
        await call.leftTo(newcomer);
        await call.caller.waitForTone(NEXT, { within: SOON, from: newcomer, since: now() });
        const last = call.historyOf('caller').at(-1);
        expect(last).to.include({ 'media.held': 'true', 'media.status': 'playing' });
      }
      expectUnbroken(changed, since);
      await stopped.caller.waitForTone(VOICE, { within: SOON, since: now() });
      const answers = stopped.historyOf('caller');
      const begun = answers.findIndex((answer) => answer['media.held'] === 'true');
      const held = answers.slice(begun).map((answer) => answer['media.held']);
      expect(held.slice(held.indexOf('false'))).not.to.include('true');
      expect(answers.at(-1)).to.include({ 'media.status': 'stopped' });
      await stopped.hold(url('next'), NEXT);
    });
  }

  it('should be transcribed as the old bot was told while it was being relieved', async () => {
    const old = await startWorker();
    const calls = await Promise.all([openCall(), openCall()]);
    const [french, silent] = calls;
    await Promise.all(calls.map((call) => call.greet()));
    await startWorker();
    terminate(old);
    const newcomers = await Promise.all(calls.map((call) => call.relievedBy(call.bot)));
    await Promise.all([
      french.scene.service.transcribe(french.bot, { enabled: true, language: 'fr' }),
      silent.scene.service.transcribe(silent.bot, { enabled: false }),
    ]);
    expect(await exitCode(old, SOON)).to.equal(0);
    await Promise.all(calls.map((call, n) => call.leftTo(newcomers[n]!)));
    const [its, others] = newcomers as [string, string];
    await french.scene.service.attributes(its, (own) => own['stt.provider'] === 'groq', SOON);
    await french.colleague.say(phrase('fr-cancel'));
    const { from, packet } = await french.read(phrase('fr-cancel').text);
    expect([from, packet.language, packet.provider]).to.deep.equal([its, 'fr', 'groq']);
    expectWordForWord(french, [phrase('fr-cancel').text]);

    await silent.scene.service.attributes(others, (own) => own['stt.status'] === 'stopped', SOON);
    await silent.colleague.say(phrase('en-angry'));
    await silent.scene.service.transcribe(others, { enabled: true, language: 'en' });
    await silent.greet();
    expectWordForWord(silent, []);
  });
});
