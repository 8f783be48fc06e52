import { type RemoteParticipant, RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, mergeMap, repeat } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import type { DemoParticipant } from '../../../demo/participants/joinRoom.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { pingBots } from '../../../lib/pingBots.js';
import type { Attributes } from '../../../operators/types.js';
import { listBots } from '../../../streams/roomBots.js';
import { botsIn } from '../../support/botsIn.js';
import { openScene, type Scene, SOON } from '../../support/scene.js';
import type { RunningCall } from '../../support/startCall.js';
import { useScene } from '../../support/useScene.js';

const MUSIC = 1_500;
const ROUNDS = 4;

describe('a call: two bots in one room', () => {
  const stage = useScene(async () => ({
    music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
  }));
  let scene: Scene;
  beforeEach(() => {
    scene = stage.scene();
  });

  /** A caller whose command is there before any bot, and whose tracks they subscribe to. */
  const held = async ({
    join,
    service,
  }: Scene): Promise<[DemoParticipant, ReadonlySet<string>]> => {
    const caller = await join('caller');
    const heard = new Set<string>();
    caller.room.on(RoomEvent.TrackSubscribed, (_track, _publication, sender: RemoteParticipant) =>
      heard.add(sender.identity),
    );
    await service.play('caller', { url: stage.assets().urlOf('music'), loop: true });
    return [caller, heard];
  };
  const hears = (caller: DemoParticipant, { identity }: RunningCall) =>
    caller.waitForTone(MUSIC, { within: SOON, from: identity });
  const isHeld = (attributes: Attributes) => attributes['media.held'] === 'true';
  const expectHeld = async ({ service }: Scene) => {
    const { attributes } = await service.rooms.getParticipant(service.room, 'caller');
    expect(attributes).to.include({ 'media.status': 'playing', 'media.held': 'true' });
    expect(attributes).not.to.have.property('media.error');
  };
  /** Resolves with the bot that leaves of two, and the one that stays. */
  const part = (one: RunningCall, two: RunningCall) =>
    Promise.race([
      one.ended(SOON).then(() => [one, two] as const),
      two.ended(SOON).then(() => [two, one] as const),
    ]);

  it('should leave one bot of two that join at once, which alone is heard', async function () {
    this.timeout(ROUNDS * 3 * SOON);
    for (let round = 0; round < ROUNDS; round += 1) {
      const scene = await openScene(stage.server(), stage.assets(), true);
      const [caller, heard] = await held(scene);
      const [loser, winner] = await part(
        ...(await Promise.all([scene.startBot(), scene.startBot()])),
      );
      await hears(caller, winner);
      await scene.service.attributes('caller', isHeld, SOON);
      expect(await botsIn(scene.service)).to.deep.equal([winner.identity]);
      expect([...heard]).to.deep.equal([winner.identity]);
      expect(loser.endedJobs).to.deep.equal(['completed']);
      expect(winner.endedJobs).to.deep.equal([]);
      await scene.close();
    }
  });

  it('should release nobody when it leaves to the bot that was there', async () => {
    const [caller, heard] = await held(scene);
    const first = await scene.startBot();
    await hears(caller, first);
    await scene.service.attributes('caller', isHeld, SOON);
    const second = await scene.startBot();
    await second.ended(SOON);
    await expectHeld(scene);
    expect([...heard]).to.deep.equal([first.identity]);
  });

  it('should release nobody when it is shut down before it has acted', async () => {
    const [caller] = await held(scene);
    const first = await scene.startBot();
    await hears(caller, first);
    await scene.service.attributes('caller', isHeld, SOON);
    const second = await scene.startBot();
    second.shutdown();
    await second.ended(SOON);
    expect(second.endedJobs).to.deep.equal(['completed']);
    await expectHeld(scene);
  });

  it('should be one of two that relieve the same bot', async () => {
    const [caller, heard] = await held(scene);
    const relieved = await scene.join('media-bot-dead', { kind: 'agent' });
    const attributes = { 'media-bot.relieves': relieved.identity };
    const relieving = () => scene.startBot({ attributes });
    const [loser, winner] = await part(...(await Promise.all([relieving(), relieving()])));
    await hears(caller, winner);
    expect([...heard]).to.deep.equal([winner.identity]);
    expect(loser.endedJobs).to.deep.equal(['completed']);
  });

  it('should act beside the bot that it relieves', async () => {
    const [caller] = await held(scene);
    const relieved = await scene.startBot();
    await hears(caller, relieved);
    const attributes = { 'media-bot.relieves': relieved.identity };
    await hears(caller, await scene.startBot({ attributes }));
  });

  it('should answer a worker that asks whether it is alive', async () => {
    await scene.startBot();
    const { rooms, room } = scene.service;
    const agentName = 'media-bot';
    const vitals = listBots(rooms, room, agentName).pipe(
      mergeMap((bots) => pingBots(bots, { rooms, room, agentName })),
      // On a busy machine its patience may end before one that has just joined has heard it.
      repeat(),
      filter(({ alive }) => alive),
    );
    expect(await firstWithin(vitals, SOON, 'an answer')).to.include({ alive: true });
  });

  it('should leave its room to a bot that was sent because this one seemed dead', async () => {
    const [caller] = await held(scene);
    const stunned = await scene.startBot();
    await hears(caller, stunned);
    await scene.service.attributes('caller', isHeld, SOON);
    const attributes = { 'media-bot.outlives': `media-bot-0 ${stunned.identity}` };
    const successor = await scene.startBot({ attributes });
    await stunned.ended(SOON);
    expect(stunned.endedJobs).to.deep.equal(['completed']);
    await expectHeld(scene);
    await hears(caller, successor);
  });
});
