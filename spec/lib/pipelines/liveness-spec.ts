import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import { DataPacket_Kind } from 'livekit-server-sdk';
import type { Subscription } from 'rxjs';
import type { DemoParticipant } from '../../../demo/participants/joinRoom.js';
import { liveness } from '../../../lib/pipelines/liveness.js';
import { type Scene, SOON } from '../../support/scene.js';
import { silentLogger } from '../../support/silentLogger.js';
import { useScene } from '../../support/useScene.js';
import { repeatUntil } from '../../support/repeatUntil.js';

const TOPIC = 'media-bot.ping';

describe('liveness', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let bot: DemoParticipant;
  let answering: Subscription;
  let heard: string;

  beforeEach(async () => {
    scene = stage.scene();
    bot = await scene.join('media-bot-1', { kind: 'agent' });
    const { rooms: api, room: roomName } = scene.service;
    const { room, identity } = bot;
    const deps = { room, api, roomName, identity, logger: silentLogger() };
    answering = liveness(deps).subscribe();
    heard = await hearing();
  });
  afterEach(() => answering.unsubscribe());

  const bytes = (text: string) => new TextEncoder().encode(text);
  const send = (text: string, topic = TOPIC) =>
    scene.service.rooms.sendData(scene.service.room, bytes(text), DataPacket_Kind.RELIABLE, {
      destinationIdentities: [bot.identity],
      topic,
    });
  const answered = (nonce: string) =>
    scene.service.attributes(
      bot.identity,
      (attributes) => attributes['media-bot.alive'] === nonce,
      SOON,
    );
  /** What the server sends to somebody who has just joined may be lost: asks until it is not. */
  const hearing = async () => {
    const nonce = randomUUID();
    await repeatUntil(answered(nonce), () => send(nonce), 500);
    return nonce;
  };
  /** All answers that the Call Service sees until it sees this one. */
  const answersUntil = async (nonce: string) => {
    const seen: string[] = [];
    await scene.service.attributes(
      bot.identity,
      (attributes) => {
        const alive = attributes['media-bot.alive'];
        if (alive !== undefined && alive !== seen.at(-1)) seen.push(alive);
        return alive === nonce;
      },
      SOON,
    );
    return seen;
  };

  it('should repeat each question', async () => {
    for (const nonce of [randomUUID(), randomUUID()]) {
      await send(nonce);
      await answered(nonce);
    }
  });

  it('should repeat nothing but what is a question from the server', async () => {
    const last = randomUUID();
    const known = once(bot.room, RoomEvent.ParticipantConnected);
    const colleague = await scene.join('colleague', { kind: 'agent' });
    await known;
    const answers = answersUntil(last);
    await colleague.room.localParticipant!.publishData(bytes('from-somebody'), {
      reliable: true,
      topic: TOPIC,
    });
    await send('of-another-topic', 'transcript');
    for (const text of ['', 'not a nonce', 'x'.repeat(65)]) await send(text);
    await send(last);
    expect(await answers).to.deep.equal([heard, last]);
  });
});
