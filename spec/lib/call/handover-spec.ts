import { RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import { fromEvent } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { BOT_ATTRIBUTES } from '../../../operators/botAttributes.js';
import { type DemoParticipant, joinRoom } from '../../../demo/participants/joinRoom.js';
import { now } from '../../../demo/participants/heardWindows.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { botsIn, botsWhen } from '../../support/botsIn.js';
import { notHeard } from '../../support/notHeard.js';
import { type Scene, SOON } from '../../support/scene.js';
import type { RunningCall, RunRequest } from '../../support/startCall.js';
import { useScene } from '../../support/useScene.js';

const MUSIC = 1_500;
const SHOT = 1_900;
const SHOT_END = 2_300;
const AGENT = 440;

describe('a call: handover', () => {
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
    shot: {
      body: await toneMp3([
        { hz: SHOT, ms: 4_000 },
        { hz: SHOT_END, ms: 1_000 },
      ]),
    },
    // On a busy machine it takes seconds until another bot is there.
    long: { body: await toneMp3([{ hz: SHOT, ms: 30_000 }]) },
  }));
  let scene: Scene;
  let caller: DemoParticipant;
  let colleague: DemoParticipant;
  beforeEach(async () => {
    scene = stage.scene();
    caller = await scene.join('caller');
    colleague = await scene.join('colleague', { kind: 'standard' });
    const agent = await scene.join('agent', { kind: 'agent' });
    await agent.speak(AGENT);
    await caller.waitForTone(AGENT, { within: SOON });
  });

  /** A bot that comes to relieve another one. */
  const relieve = (identity: string, request: RunRequest = {}): Promise<RunningCall> =>
    scene.startBot({ ...request, attributes: { [BOT_ATTRIBUTES.relieves]: identity } });
  const urlOf = (asset: string) => stage.assets().urlOf(asset);
  async function hold(): Promise<string> {
    const id = await scene.service.play('caller', { url: urlOf('music'), loop: true });
    await scene.service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
    return id;
  }
  /** An old bot that has yielded and still plays something once, and the one that relieves it. */
  async function relieveWhilePlaying(): Promise<[RunningCall, RunningCall]> {
    const old = await scene.startBot();
    await hold();
    await scene.service.play('colleague', { url: urlOf('long'), onEnd: 'keep' });
    await colleague.waitForTone(SHOT, { within: SOON, from: old.identity });
    const next = await relieve(old.identity);
    await scene.service.attributes(
      old.identity,
      (map) => map[BOT_ATTRIBUTES.yielded] !== undefined,
      SOON,
    );
    return [old, next];
  }
  const outcomeOf = async (bot: RunningCall) => {
    const event = await bot.ended(SOON);
    return event.type === 'ended' && event.outcome;
  };
  const attributesOf = async (identity: string) => {
    const { room, rooms } = scene.service;
    return (await rooms.getParticipant(room, identity)).attributes;
  };

  it('should go on with a hold, and leave nobody deaf or waiting', async () => {
    const old = await scene.startBot();
    const id = await hold();
    await caller.waitForTone(MUSIC, { within: SOON, from: old.identity });
    // What was on its way when the hold was accepted has arrived by then.
    const since = now() + 300;
    const next = await relieve(old.identity);
    expect(await outcomeOf(old)).to.equal('handed_over');
    expect(old.endedJobs).to.deep.equal(['handed_over']);
    await caller.waitForTone(MUSIC, { within: SOON, from: next.identity, since: now() });
    expect(await attributesOf('caller')).to.include({
      'media.held': 'true',
      'media.status': 'playing',
      'media.status_command_id': id,
    });
    // By the tone: a stream that has ended may be given the sound of the next one.
    await notHeard(caller, AGENT, 100, since);
    await scene.service.stop('caller');
    await caller.waitForTone(AGENT, { within: SOON, since: now() });
  });

  it('should leave what is played once to the bot that has begun it', async () => {
    const old = await scene.startBot();
    await hold();
    const id = await scene.service.play('colleague', { url: urlOf('shot'), onEnd: 'keep' });
    const { at } = await colleague.waitForTone(SHOT, { within: SOON, from: old.identity });
    const next = await relieve(old.identity);
    await caller.waitForTone(MUSIC, { within: SOON, from: next.identity });
    await colleague.waitForTone(SHOT_END, { within: SOON, from: old.identity, since: at });
    expect((await scene.service.answer('colleague', id, SOON, 'ended'))['media.error']).to.match(
      /^room_kept/,
    );
    expect(await outcomeOf(old)).to.equal('handed_over');
    const twice = colleague.heardSince(0, next.identity);
    expect(twice.filter(({ samples }) => samples.some(Boolean))).to.deep.equal([]);
  });

  it('should obey what is commanded while the old bot still plays', async () => {
    const [old, next] = await relieveWhilePlaying();
    const id = await scene.service.play('colleague', { url: urlOf('shot'), onEnd: 'keep' });
    await colleague.waitForTone(SHOT, { within: SOON, from: next.identity });
    expect(await outcomeOf(old)).to.equal('handed_over');
    await scene.service.answer('caller', await scene.service.stop('caller'), SOON, 'stopped');
    await caller.waitForTone(AGENT, { within: SOON, since: now() });
    await scene.service.answer('colleague', id, SOON, 'ended');
  });

  it('should leave everything to the old bot where the new one goes again', async () => {
    const [old, next] = await relieveWhilePlaying();
    next.vanish();
    await caller.waitForTone(MUSIC, { within: SOON, from: old.identity, since: now() });
    await scene.service.attributes(
      old.identity,
      (map) => map[BOT_ATTRIBUTES.yielded] === undefined,
      SOON,
    );
    expect(await botsIn(scene.service)).to.deep.equal([old.identity]);
    await scene.service.answer('caller', await scene.service.stop('caller'), SOON, 'stopped');
    await caller.waitForTone(AGENT, { within: SOON, since: now() });
  });

  it('should take over from a bot that has died without leaving, and remove it', async () => {
    const { room } = scene.service;
    const dead = await joinRoom(stage.server(), {
      room,
      identity: 'media-bot-dead',
      kind: 'agent',
      attributes: { 'lk.agent_name': 'media-bot', 'stt.status': 'running', 'stt.enabled': 'true' },
    });
    const end = fromEvent(dead.room, RoomEvent.Disconnected);
    const removed = firstWithin(end, 2 * SOON, 'its removal');
    await scene.service.write('caller', { 'media.held': 'true' });
    await scene.service.play('caller', { url: urlOf('music'), loop: true });
    const next = await relieve('media-bot-dead');
    await caller.waitForTone(MUSIC, { within: SOON, from: next.identity });
    await scene.service.attributes(next.identity, (map) => map['stt.status'] === 'running', SOON);
    await removed;
    // It is told before the server has forgotten it.
    const left = await botsWhen(scene.service, (bots) => bots.length < 2, SOON);
    expect(left).to.deep.equal([next.identity]);
    await dead.leave();
  });
});
