import { DisconnectReason } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, merge } from 'rxjs';
import type { LogLine } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { now } from '../../demo/participants/heardWindows.js';
import { botsIn } from '../support/botsIn.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { expectUnbroken } from '../support/expectUnbroken.js';
import { expectWordForWord } from '../support/expectWordForWord.js';
import { MUSIC, PARTS, VOICE } from '../support/holdSounds.js';
import { keepTalking } from '../support/keepTalking.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { tonesHeard } from '../support/tonesHeard.js';
import { useRelay } from '../support/useRelay.js';
import { exitCode, killTree, terminate } from '../support/workers.js';

const SOON = 60_000;

const isAssigned = ({ message }: LogLine) => message === 'call assigned';

describe('calls of a worker that is told to stop', function () {
  this.timeout(300_000);
  const { assets, startWorker, openCall, openHeldCall, phrase, url } = useRelay();
  const phrases = (...names: readonly string[]) => names.map(phrase);

  it('should go on in another one: held, unheard, and word for word', async () => {
    const old = await startWorker();
    const call = await openHeldCall();
    await call.greet();
    await startWorker();

    const since = now();
    const talking = keepTalking(call.colleague, phrases('en-angry', 'en-order', 'en-balance'));
    terminate(old);
    const newcomer = await call.relievedBy(call.bot);
    expect(await exitCode(old, SOON)).to.equal(0);
    await call.leftTo(newcomer);
    await call.caller.waitForTone(MUSIC, { within: SOON, from: newcomer });
    expectUnbroken(call, since);

    const said = await talking.end();
    await call.colleague.say(phrase('en-happy'));
    await call.read(phrase('en-happy').text);
    expectWordForWord(call, [...said, phrase('en-happy').text]);
    expect(call.said().at(-1)!.from).to.equal(newcomer);

    await call.scene.service.stop('caller');
    await call.caller.waitForTone(VOICE, { within: SOON });
  });

  it('should finish single shots, and play once what was being fetched', async () => {
    const old = await startWorker();
    const closing = await openCall();
    const staying = await openCall();
    const guest = await staying.scene.join('guest');
    await startWorker();
    const asked = (asset: string) =>
      firstWithin(assets().requests.pipe(filter(({ name }) => name === asset)), SOON, asset);

    const since = now();
    await closing.scene.service.play('caller', { url: url('announcement') });
    const closed = closing.scene.service.roomClosed(SOON);
    await closing.caller.waitForTone(PARTS[0]!, { within: SOON, since });
    const shot = { url: url('slow announcement'), onEnd: 'keep' } as const;
    const id = await staying.scene.service.play('guest', shot);
    const hold = staying.hold(url('slow music'), MUSIC);
    await Promise.all([asked('slow announcement'), asked('slow music')]);
    terminate(old);

    expect(await closed).to.equal(DisconnectReason.ROOM_DELETED);
    expect(tonesHeard(closing.caller, PARTS, since)).to.deep.equal(PARTS);
    const ended = await staying.scene.service.answer('guest', id, SOON, 'ended');
    expect(ended['media.error']).to.match(/^room_kept: /);
    expect(tonesHeard(guest, PARTS, since)).to.deep.equal(PARTS);
    await hold;
    const newcomer = await staying.relievedBy(staying.bot);
    await staying.leftTo(newcomer);
    await staying.caller.waitForTone(MUSIC, { within: SOON, from: newcomer });
    expect(await exitCode(old, SOON)).to.equal(0);
  });

  it('should stay with it where there is no other one, until the time is up', async () => {
    const old = await startWorker({ MEDIA_BOT_DRAIN_SECONDS: '3' });
    const call = await openHeldCall();
    terminate(old);
    await call.caller.waitForTone(MUSIC, { within: SOON, from: call.bot, since: now() });
    const released = await call.scene.service.attributes(
      'caller',
      (map) => map['media.held'] === 'false',
      SOON,
    );
    expect(released['media.error']).to.match(/^bot_gone/);
    expect(await exitCode(old, SOON)).to.equal(0);
    await call.caller.waitForTone(VOICE, { within: SOON });
  });

  it('should stay where they are when all workers are told to stop at once', async () => {
    const workers = [await startWorker()];
    const calls = [await openHeldCall()];
    workers.push(await startWorker());
    // LiveKit deals calls out at random.
    while (seenSoFar(workers[1]!.logs.pipe(filter(isAssigned))).length === 0) {
      calls.push(await openHeldCall());
    }
    for (const worker of workers) terminate(worker);
    const told = now();
    for (const { caller, bot, scene } of calls) {
      await caller.waitForTone(MUSIC, { within: SOON, from: bot, since: told });
      const ends = merge(...workers.map(({ logs }) => logs)).pipe(
        filter(({ message, room }) => message === 'call ended' && room === scene.service.room),
      );
      await deleteRoomUntil(firstWithin(ends, SOON, 'the end of the call'), scene.service);
    }
    for (const worker of workers) expect(await exitCode(worker, SOON)).to.equal(0);
    for (const call of calls) {
      expect(call.historyOf('caller').at(-1)).to.include({ 'media.held': 'true' });
      expect(call.botsSeen()).to.deep.equal([call.bot]);
    }
  });

  it('should stay with the old one when the new one dies half way, and go to the next', async () => {
    const old = await startWorker();
    const call = await openCall();
    // The new one is not ready before it has this: time enough to kill it.
    await call.hold(url('slow music'), MUSIC);
    const doomed = await startWorker();
    const since = now();
    terminate(old);
    await call.relievedBy(call.bot);
    await killTree(doomed);
    await call.caller.waitForTone(MUSIC, { within: SOON, from: call.bot, since: now() });
    await startWorker();
    // LiveKit shows the dead one for 20 s, and the old one looks every 15 s at last.
    expect(await exitCode(old, 2 * SOON)).to.equal(0);
    const [left] = await botsIn(call.scene.service);
    expect(left).not.to.equal(call.bot);
    await call.leftTo(left!);
    await call.caller.waitForTone(MUSIC, { within: SOON, from: left! });
    expectUnbroken(call, since);
  });
});
