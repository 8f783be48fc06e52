import { RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import { fromEvent } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { now } from '../../../demo/participants/heardWindows.js';
import { type DemoParticipant, joinRoom } from '../../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { notHeard } from '../../support/notHeard.js';
import { type Scene, SOON } from '../../support/scene.js';
import { useScene } from '../../support/useScene.js';

const MUSIC = 1_500;
const OTHER_MUSIC = 1_900;
const CALLER = 330;
const AGENT = 440;
const LATE = 660;
/** Long enough for a leak that would not end by itself. */
const WATCHED = 1_000;

describe('a call: hold', () => {
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
    other: { body: await toneMp3([{ hz: OTHER_MUSIC, ms: 3_000 }]) },
    once: { body: await toneMp3([{ hz: OTHER_MUSIC, ms: 1_000 }]) },
  }));
  let scene: Scene;
  let caller: DemoParticipant;
  let agent: DemoParticipant;
  beforeEach(async () => {
    scene = stage.scene();
    caller = await scene.join('caller');
    agent = await scene.join('agent', { kind: 'agent' });
    await caller.speak(CALLER);
    await agent.speak(AGENT);
    await caller.waitForTone(AGENT, { within: SOON });
  });

  const heldIs = (identity: string, value: string) =>
    scene.service.attributes(identity, (map) => map['media.held'] === value, SOON);
  async function hold(person: DemoParticipant, asset = 'music'): Promise<string> {
    const url = stage.assets().urlOf(asset);
    const id = await scene.service.play(person.identity, { url, loop: true });
    await scene.service.answer(person.identity, id, SOON, 'playing');
    await heldIs(person.identity, 'true');
    return id;
  }
  async function hears(person: DemoParticipant, hz: number): Promise<void> {
    await person.waitForTone(hz, { within: SOON, since: now() });
  }
  /** Nothing of a tone is heard once what was on its way has arrived. */
  async function isolated(person: DemoParticipant, hz: number): Promise<void> {
    await notHeard(person, hz, WATCHED, now() + 300);
  }

  it('should let a held caller hear the music alone, and everybody again after stop', async () => {
    await scene.startBot();
    await hold(caller);
    await hears(caller, MUSIC);
    await isolated(caller, AGENT);
    await hears(agent, CALLER);
    await scene.service.answer('caller', await scene.service.stop('caller'), SOON, 'stopped');
    await hears(caller, AGENT);
    await heldIs('caller', 'false');
  });

  it('should keep from a held caller who publishes, joins or publishes anew later', async () => {
    const colleague = await scene.join('colleague', { kind: 'standard' });
    await scene.startBot();
    await hold(caller);
    await colleague.speak(LATE);
    await isolated(caller, LATE);
    const joiner = await scene.join('joiner', { kind: 'standard' });
    await joiner.speak(LATE);
    await isolated(caller, LATE);
    await agent.unpublish();
    await agent.speak(AGENT);
    await isolated(caller, AGENT);
    await scene.service.stop('caller');
    await hears(caller, AGENT);
  });

  it('should win over a caller who subscribes itself to every new track', async () => {
    const { room } = scene.service;
    const eager = await joinRoom(stage.server(), { room, identity: 'eager', kind: 'sip' }, 'both');
    await eager.speak(0);
    await eager.waitForTone(AGENT, { within: SOON });
    await scene.startBot();
    await hold(eager);
    await isolated(eager, AGENT);
    await caller.speak(LATE);
    await agent.unpublish();
    await agent.speak(AGENT);
    await isolated(eager, AGENT);
    await isolated(eager, LATE);
    await eager.leave();
  });

  it('should let nobody but the held caller receive the music', async () => {
    const colleague = await scene.join('colleague', { kind: 'standard' });
    const bot = await scene.startBot();
    await hold(caller);
    const joiner = await scene.join('joiner', { kind: 'standard' });
    await joiner.speak(LATE);
    await hears(caller, MUSIC);
    for (const other of [agent, colleague, joiner]) {
      await isolated(other, MUSIC);
      // A human is subscribed to the track of their own, an agent to none.
      const { trackPublications } = other.room.remoteParticipants.get(bot.identity)!;
      const subscribed = [...trackPublications.values()].filter((track) => track.subscribed);
      expect(subscribed, other.identity).to.have.length(other === agent ? 0 : 1);
      const heard = other.heardSince(0, bot.identity);
      expect(
        heard.some(({ samples }) => samples.some(Boolean)),
        other.identity,
      ).to.equal(false);
    }
  });

  it('should hold two callers with music of their own, and release one alone', async () => {
    const second = await scene.join('second');
    await second.speak(LATE);
    await scene.startBot();
    await hold(caller);
    await hold(second, 'other');
    await hears(caller, MUSIC);
    await hears(second, OTHER_MUSIC);
    await isolated(caller, LATE);
    await scene.service.stop('caller');
    await hears(caller, AGENT);
    await hears(caller, LATE);
    await hears(second, OTHER_MUSIC);
    await isolated(second, AGENT);
    await isolated(second, CALLER);
  });

  it('should play a ringback to a colleague while the caller is on hold', async () => {
    const colleague = await scene.join('colleague', { kind: 'standard' });
    await colleague.speak(0);
    await scene.startBot();
    await hold(caller);
    const url = stage.assets().urlOf('other');
    await scene.service.play('colleague', { url, onEnd: 'keep' });
    await hears(colleague, OTHER_MUSIC);
    await hears(colleague, AGENT);
    await hears(caller, MUSIC);
    await isolated(caller, OTHER_MUSIC);
  });

  it('should end a hold with a single shot that takes its place', async () => {
    await scene.startBot();
    await hold(caller);
    const url = stage.assets().urlOf('once');
    await scene.service.play('caller', { url, onEnd: 'keep' });
    await hears(caller, OTHER_MUSIC);
    await hears(caller, AGENT);
    await heldIs('caller', 'false');
  });

  it('should hide the held party from the others, too, where the settings say so', async () => {
    const colleague = await scene.join('colleague', { kind: 'standard' });
    await scene.startBot({ env: { MEDIA_BOT_HOLD_BOTH_WAYS: 'true' } });
    await hold(caller);
    await isolated(agent, CALLER);
    await isolated(colleague, CALLER);
    await hears(colleague, AGENT);
    await isolated(caller, AGENT);
    await scene.service.stop('caller');
    await hears(caller, AGENT);
    await hears(agent, CALLER);
    await hears(colleague, CALLER);
  });

  it('should hold on to a target whose own commands are refused', async () => {
    const guest = await scene.join('guest', { kind: 'standard' });
    await guest.speak(LATE);
    await scene.startBot();
    await hold(guest);
    const { rooms, room } = scene.service;
    const { permission } = await rooms.getParticipant(room, 'guest');
    await rooms.updateParticipant(room, 'guest', {
      permission: Object.assign(permission!, { canUpdateMetadata: true }),
    });
    const id = await scene.service.stop('guest');
    const answer = await scene.service.answer('guest', id, SOON, 'failed');
    expect(answer['media.error']).to.match(/^forbidden/);
    await hears(guest, MUSIC);
    await isolated(guest, AGENT);
  });

  it('should end a hold when its target leaves on purpose', async () => {
    await scene.startBot();
    await hold(caller);
    await caller.leave();
    caller = await scene.join('caller');
    await caller.speak(CALLER);
    await hears(caller, AGENT);
  });

  describe('at its end', () => {
    it('should leave nobody deaf on shutdown', async () => {
      const bot = await scene.startBot();
      const id = await hold(caller);
      bot.shutdown();
      const answer = await scene.service.answer('caller', id, SOON, 'failed');
      expect(answer).to.include({ 'media.held': 'false' });
      expect(answer['media.error']).to.match(/^bot_gone: /);
      await hears(caller, AGENT);
    });

    it('should leave nobody deaf when the bot is removed from the room', async () => {
      const bot = await scene.startBot();
      await hold(caller);
      await scene.service.rooms.removeParticipant(scene.service.room, bot.identity);
      await bot.ended(SOON);
      await hears(caller, AGENT);
      await heldIs('caller', 'false');
    });
  });

  describe('by an earlier bot', () => {
    async function vanish(): Promise<void> {
      const bot = await scene.startBot();
      await hold(caller);
      const left = fromEvent(agent.room, RoomEvent.ParticipantDisconnected);
      const gone = firstWithin(left, SOON, 'the bot gone');
      bot.vanish();
      await gone;
    }

    it('should go on, and keep from the caller what was published meanwhile', async () => {
      await vanish();
      await agent.unpublish();
      await agent.speak(AGENT);
      await hears(caller, AGENT);
      await scene.startBot();
      await hears(caller, MUSIC);
      await isolated(caller, AGENT);
    });

    it('should be given back where nobody asks for it any more', async () => {
      await vanish();
      await isolated(caller, AGENT);
      await scene.service.stop('caller');
      await scene.startBot();
      await hears(caller, AGENT);
      await heldIs('caller', 'false');
    });
  });
});
