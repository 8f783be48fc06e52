import { ParticipantKind } from '@livekit/rtc-node';
import { expect } from 'chai';
import { type BotProcess, startBot } from '../../demo/botProcess.js';
import { type CallService, openCall } from '../../demo/callService.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const SOON = 20_000;

// The smoke test of the Python original: place a call and verify that a media-bot-<uuid> participant
// appears in the room alongside the AI agent.
describe('smoke test', function () {
  this.timeout(3 * SOON);
  const server = useLiveKitServer();
  let bot: BotProcess;
  let service: CallService | undefined;
  let people: readonly DemoParticipant[] = [];

  // Anew for each: on a busy machine a worker is full as long as it has a young call.
  beforeEach(async () => {
    bot = await startBot(server(), {
      env: { MEDIA_BOT_LOAD_THRESHOLD: '1', MEDIA_BOT_DRAIN_SECONDS: '0' },
    });
  });
  afterEach(async () => {
    await Promise.all(people.map((person) => person.leave()));
    await service?.close();
    await bot.stop();
  });

  for (const way of ['CreateRoom', 'CreateDispatch'] as const) {
    it(`should put one media bot beside the agent of a call that asks for it by ${way}`, async () => {
      const room = `smoke-${way}`;
      service = await openCall(server(), { room, dispatch: way === 'CreateRoom' });
      const agent = await joinRoom(server(), { room, identity: 'atlas', kind: 'agent' });
      const caller = await joinRoom(server(), { room, identity: 'caller', kind: 'sip' });
      people = [agent, caller];
      if (way === 'CreateDispatch') await service.dispatchBot();
      const identity = await service.botJoined(SOON);

      await agent.waitForAttributes(identity, (map) => 'lk.agent_name' in map, SOON);
      expect(identity).to.match(/^media-bot-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      const { kind, name, attributes } = agent.room.remoteParticipants.get(identity)!;
      expect(kind).to.equal(ParticipantKind.AGENT);
      expect(name).to.equal('Media Bot');
      expect(attributes).to.include({ 'lk.agent_name': 'media-bot' });
      const bots = [...agent.room.remoteParticipants.keys()].filter((id) =>
        id.startsWith('media-bot'),
      );
      expect(bots).to.deep.equal([identity]);
    });
  }

  it('should send no bot to a room that does not ask for one', async () => {
    const room = 'smoke-unasked';
    service = await openCall(server(), { room, dispatch: false });
    people = [await joinRoom(server(), { room, identity: 'caller', kind: 'sip' })];
    const nobody = await service.botJoined(2_000).catch(() => 'nobody');
    expect(nobody).to.equal('nobody');
  });
});
