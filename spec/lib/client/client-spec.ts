import { expect } from 'chai';
import { RoomServiceClient } from 'livekit-server-sdk';
import { filter, ReplaySubject } from 'rxjs';
import { checkContract } from '../../../demo/checkContract.js';
import { firstWithin } from '../../../demo/firstWithin.js';
import { freePort } from '../../../demo/freePort.js';
import { joinRoom } from '../../../demo/participants/joinRoom.js';
import {
  type CallEvent,
  ClientError,
  type ClientOptions,
  MediaBotClient,
} from '../../../lib/client/client.js';
import { startApiProxy } from '../../support/apiProxy.js';
import { deleteRoomUntil } from '../../support/deleteRoomUntil.js';
import { publishVoice } from '../../support/patientVoice.js';
import { MUSIC_HZ, useCommandedBot } from '../../support/useCommandedBot.js';

const SOON = 20_000;
const WAIT = { within: SOON };
/** Whether anybody heard a failure is not to be waited for long. */
const BRIEFLY = { within: 1_000 };

/** The error that a command rejects with. */
const failureOf = (command: Promise<unknown>): Promise<ClientError> =>
  command.then(
    (result) => expect.fail(`resolved with ${JSON.stringify(result)}`),
    (error: unknown) => {
      expect(error).to.be.instanceOf(ClientError);
      return error as ClientError;
    },
  );

describe('MediaBotClient', function () {
  this.timeout(120_000);
  const stage = useCommandedBot();
  let client: MediaBotClient;
  const open = (options: Partial<ClientOptions> = {}) =>
    new MediaBotClient({ ...stage.server(), room: stage.room(), ...options });
  const rooms = () => {
    const { url, apiKey, apiSecret } = stage.server();
    return new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret);
  };
  const attributes = async (identity = 'caller') =>
    (await rooms().getParticipant(stage.room(), identity)).attributes;

  beforeEach(() => {
    client = open();
  });

  describe('without LiveKit', () => {
    it('should say that the key or the secret is refused, and show no token', async () => {
      const apiSecret = 'another-secret-of-at-least-32-characters';
      const wrongSecret = await failureOf(open({ apiSecret }).stop('caller'));
      const unknownKey = await failureOf(open({ apiKey: 'unknown' }).stop('caller'));
      expect([wrongSecret.code, unknownKey.code]).to.deep.equal([
        'ERR_UNAUTHORIZED',
        'ERR_UNAUTHORIZED',
      ]);
      expect(wrongSecret.message).to.include('it is not that of the key');
      expect(unknownKey.message).to.include('it knows no such key');
      expect(JSON.stringify([wrongSecret, wrongSecret.message, wrongSecret.cause])).not.to.match(
        /eyJ|another-secret/,
      );
    });

    it('should say that nothing answers, with the reason', async () => {
      const url = `ws://127.0.0.1:${await freePort()}`;
      const failure = await failureOf(open({ url }).stop('caller'));
      expect(failure.code).to.equal('ERR_UNREACHABLE');
      expect(failure.message).to.include('ECONNREFUSED');
      expect(failure.cause).to.be.instanceOf(TypeError);
      expect((await failureOf(open({ url }).watch(() => undefined))).code).to.equal(
        'ERR_UNREACHABLE',
      );
    });

    it('should keep any other answer of the server', async () => {
      const proxy = await startApiProxy(stage.server().url);
      proxy.fail('error');
      const failure = await failureOf(open({ url: proxy.url }).stop('caller'));
      expect(failure.code).to.equal('ERR_SERVER');
      expect(failure.cause).to.include({ status: 500 });
      await proxy.close();
    });

    it('should ask for nothing that makes no sense', async () => {
      expect(() => open({ room: '' })).to.throw(ClientError, 'a room is required');
      expect(() => open({ url: 'livekit.example' })).to.throw(ClientError, 'url is no ws');
      expect(() => open({ apiSecret: '' })).to.throw(ClientError, 'an API key and its secret');
      for (const id of ['', 'x'.repeat(129)]) {
        const failure = await failureOf(client.stop('caller', { id }));
        expect(failure.code).to.equal('ERR_INVALID_ARGUMENT');
      }
      expect(await attributes()).to.deep.equal({});
    });
  });

  describe('without a bot in the room', () => {
    it('should say that none came', async () => {
      const nobody = open({ agentName: 'somebody-else' });
      const failure = await failureOf(nobody.dispatch(BRIEFLY));
      expect(failure.code).to.equal('ERR_NO_BOT');
      expect(failure.message).to.equal(
        'no bot within 1 s: is a worker registered as somebody-else, with room?',
      );
    });

    it('should say that there is none to transcribe', async () => {
      expect((await failureOf(client.transcribe({ enabled: true }))).code).to.equal('ERR_NO_BOT');
    });

    it('should say that a newer command counts', async () => {
      const old = failureOf(client.hold('caller', stage.music(), { ...WAIT, id: 'old' }));
      while ((await attributes())['media.command_id'] !== 'old');
      const newer = failureOf(client.stop('caller', { within: 3_000, id: 'new' }));
      const first = await Promise.race([old, newer]);
      expect(first).to.include({ code: 'ERR_SUPERSEDED', id: 'old' });
      expect((await newer).code).to.equal('ERR_NO_ANSWER');
    });

    it('should say that nobody of that name is there', async () => {
      const failure = await failureOf(client.stop('nobody'));
      expect(failure.code).to.equal('ERR_NOT_FOUND');
      expect(failure.message).to.equal(
        `command nobody in ${stage.room()}: participant does not exist`,
      );
    });

    it('should say that a command is not answered, so that it can be repeated', async () => {
      const failure = await failureOf(client.hold('caller', stage.music(), BRIEFLY));
      expect(failure.code).to.equal('ERR_NO_ANSWER');
      await stage.dispatched(client);
      const repeated = { ...WAIT, id: failure.id! };
      expect(await client.hold('caller', stage.music(), repeated)).to.include({
        id: failure.id,
        held: true,
      });
    });
  });

  describe('with a bot in the room', () => {
    let bot: string;
    before(async () => {
      await stage.openRoom();
      client = open();
      bot = await stage.dispatched(client);
    });

    it('should name the bot that is there, and ask for no other', async () => {
      expect(await client.dispatch({ stt: { enabled: true } })).to.deep.equal({
        bot,
        dispatched: false,
      });
    });

    it('should hold and unhold, and tell when LiveKit has accepted it', async () => {
      const held = await client.hold('caller', stage.music(), WAIT);
      expect(held).to.include({ status: 'playing', held: true });
      expect(await attributes()).to.include({ 'media.held': 'true' });
      await stage.caller().waitForTone(MUSIC_HZ, { within: SOON, from: bot });
      expect(await client.unhold('caller', WAIT)).to.include({ status: 'stopped', held: false });
      expect(await attributes()).to.include({ 'media.held': 'false' });
    });

    it('should play once, and tell when it has ended', async () => {
      // Not the announcement, which may have ended before a busy machine asks how it stands.
      const request = { url: stage.music(), onEnd: 'keep' } as const;
      const { id, status, held } = await client.play('caller', request, WAIT);
      expect({ status, held }).to.deep.equal({ status: 'playing', held: false });
      const ended = await client.answer('caller', id, (it) => it.status === 'ended', SOON);
      expect(ended.error).to.deep.include({ code: 'room_kept' });
    });

    it('should write each command whole, and delete what one before has left', async () => {
      const request = { url: stage.music(), loop: true, onEnd: 'keep' } as const;
      await client.play('caller', request, { ...WAIT, id: 'first' });
      const { id } = await client.stop('caller', WAIT);
      const { 'media.held': _held, ...others } = await attributes();
      expect(others).to.deep.equal({
        'media.command': 'stop',
        'media.command_id': id,
        'media.status': 'stopped',
        'media.status_command_id': id,
      });
    });

    it('should reject with what the bot refuses', async () => {
      const refused = await failureOf(client.play('caller', { url: 'http://10.0.0.1/' }, WAIT));
      expect(refused.code).to.equal('ERR_COMMAND_FAILED');
      expect(refused.answer).to.deep.include({ id: refused.id, status: 'failed' });
      expect(refused.answer?.error?.code).to.equal('asset_refused');
      const invalid = await failureOf(client.hold('caller', '', WAIT));
      expect(invalid.answer?.error?.code).to.equal('invalid_command');
      expect(invalid.message).to.match(/^the bot answers caller: invalid_command: /);
    });

    it('should resolve a hold that stands, although its music cannot be had', async () => {
      const { status, held, error } = await client.hold('caller', stage.missing(), WAIT);
      expect({ status, held }).to.deep.equal({ status: 'failed', held: true });
      expect(error?.code).to.equal('asset_unreachable');
    });

    it('should transcribe, and no more', async () => {
      const running = await client.transcribe({ enabled: true, language: 'en' }, WAIT);
      expect(running).to.include({ status: 'running', provider: 'deepgram' });
      const malformed = { enabled: true, language: 'no language' };
      const failure = await failureOf(client.transcribe(malformed, WAIT));
      expect(failure.answer?.error?.code).to.equal('invalid_command');
      const stopped = await client.transcribe({ enabled: false }, WAIT);
      expect(stopped).to.deep.equal({ id: stopped.id, status: 'stopped' });
      expect(await attributes(bot)).not.to.have.any.keys('stt.language', 'stt.provider');
    });

    it('should execute a repeated command once', async () => {
      const repeatable = { ...WAIT, id: 'once' };
      const request = { url: stage.announcement(), onEnd: 'keep' } as const;
      await client.play('caller', request, repeatable);
      const ended = await client.answer('caller', 'once', (it) => it.status === 'ended', SOON);
      // Executed again, it would be answered `playing`.
      expect(await client.play('caller', request, repeatable)).to.deep.equal(ended);
    });

    it('should go on waiting while the server API fails, but not write again', async () => {
      const proxy = await startApiProxy(stage.server().url);
      proxy.fail('error', 'GetParticipant');
      const held = open({ url: proxy.url }).hold('caller', stage.music(), WAIT);
      while (proxy.asked.filter((it) => it === 'GetParticipant').length < 2) {
        await attributes();
      }
      proxy.fail(undefined);
      expect(await held).to.include({ held: true });
      expect(proxy.asked.filter((it) => it === 'UpdateParticipant')).to.have.length(1);
      await proxy.close();
    });
  });

  describe('watching', () => {
    let events: ReplaySubject<CallEvent>;
    beforeEach(async () => {
      await stage.openRoom();
      client = open();
    });

    const next = (type: CallEvent['type'], satisfy: (event: CallEvent) => boolean = () => true) =>
      firstWithin(
        events.pipe(filter((event) => event.type === type && satisfy(event))),
        SOON,
        type,
      );

    it('should tell what the bot answers and what is said, by the bot alone', async () => {
      events = new ReplaySubject<CallEvent>(Infinity);
      const bot = await stage.dispatched(client, { enabled: true, language: 'en' });
      const watch = await client.watch((event) => events.next(event));
      expect(await next('bot_joined')).to.deep.equal({ type: 'bot_joined', bot });
      expect(await next('transcription')).to.include({ bot, status: 'running' });
      const impostor = await joinRoom(stage.server(), { room: stage.room(), identity: 'impostor' });
      const fake = new TextEncoder().encode('{"text":"not said"}');
      await impostor.room.localParticipant!.publishData(fake, {
        reliable: true,
        topic: 'transcript',
      });
      // While somebody is on hold, a packet has a list of receivers.
      await client.hold('caller', stage.music(), WAIT);
      const playing = (event: CallEvent) => event.type === 'playback' && event.held;
      expect(await next('playback', playing)).to.include({ target: 'caller', status: 'playing' });
      const { say, heard } = await publishVoice(stage.caller());
      await heard();
      await say(stage.phrase('en-happy'));
      const said = await next('transcript');
      if (said.type !== 'transcript') throw new Error('unreachable');
      expect(said.bot).to.equal(bot);
      expect(checkContract('transcript', said.transcript).text).to.equal(
        stage.phrase('en-happy').text,
      );
      await impostor.leave();
      await deleteRoomUntil(watch.ended, { rooms: rooms(), room: stage.room() });
      expect(await next('ended')).to.deep.equal({ type: 'ended', reason: 'ROOM_DELETED' });
      await watch.ended;
    });

    it('should see answers as they come, and ask for them again once it is closed', async () => {
      await stage.dispatched(client);
      const proxy = await startApiProxy(stage.server().url);
      const commander = open({ url: proxy.url });
      const watch = await commander.watch(() => undefined);
      const asked = () => proxy.asked.filter((method) => /^(Get|Update)Participant$/.test(method));
      await commander.hold('caller', stage.music(), WAIT);
      expect(asked()).to.deep.equal(['UpdateParticipant']);
      await watch.close();
      await watch.ended;
      await commander.unhold('caller', WAIT);
      expect(asked()).to.include('GetParticipant');
      await proxy.close();
    });
  });
});
