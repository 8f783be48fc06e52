import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DisconnectReason } from '@livekit/rtc-node';
import { expect } from 'chai';
import { RoomServiceClient } from 'livekit-server-sdk';
import { lastValueFrom } from 'rxjs';
import { closeRoom } from '../../streams/closeRoom.js';
import { endUntil } from '../support/endUntil.js';
import { type Scene, SOON } from '../support/scene.js';
import { useScene } from '../support/useScene.js';

/** Subscribes, and resolves when it completes. */
const completed = (api: RoomServiceClient, room: string) =>
  lastValueFrom(closeRoom(api, room), { defaultValue: 'completed' });

describe('closeRoom', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;

  beforeEach(() => {
    scene = stage.scene();
  });

  it('should end the room for everybody in it, once subscribed to', async () => {
    const { service } = scene;
    const close = closeRoom(service.rooms, service.room);
    expect(await service.rooms.listRooms([service.room])).to.have.length(1);
    const closed = service.roomClosed(SOON);
    expect(await lastValueFrom(close, { defaultValue: 'completed' })).to.equal('completed');
    await endUntil(closed, () => lastValueFrom(close, { defaultValue: undefined }));
    expect(await closed).to.equal(DisconnectReason.ROOM_DELETED);
    expect(await service.rooms.listRooms([service.room])).to.deep.equal([]);
  });

  it('should take a room that is gone for closed', async () => {
    const { rooms, room } = scene.service;
    await rooms.deleteRoom(room);
    expect(await completed(rooms, room)).to.equal('completed');
    expect(await completed(rooms, 'never-opened')).to.equal('completed');
  });
});

describe('closeRoom, with a server API that is down', () => {
  let server: Server;
  let api: RoomServiceClient;
  /** When it was asked for what, and what it answers in turn; the last answer stands. */
  let asked: { readonly at: number; readonly room: string }[];
  let answers: number[];
  const { random } = Math;

  beforeEach(async () => {
    [asked, answers] = [[], [503]];
    server = createServer((request, response) => {
      request.once('data', (body: Buffer) => {
        const { room } = JSON.parse(body.toString()) as { room: string };
        asked.push({ at: performance.now(), room });
        const status = answers[asked.length - 1] ?? answers.at(-1)!;
        response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
        server.emit('answered');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    api = new RoomServiceClient(`http://127.0.0.1:${port}`, 'key', 'secret');
  });
  afterEach(() => {
    Math.random = random;
    server.closeAllConnections();
    server.close();
  });

  it('should try again, longer and longer apart, until it is up', async () => {
    Math.random = () => 0.2;
    answers = [503, 500, 200];
    expect(await completed(api, 'room')).to.equal('completed');
    expect(asked).to.have.length(3);
    const [first, second, third] = asked.map(({ at }) => at) as [number, number, number];
    expect(second - first).to.be.at.least(95);
    expect(third - second).to.be.at.least(195);
  });

  it('should error after several attempts', async () => {
    Math.random = () => 0;
    const failure: unknown = await completed(api, 'room').catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error).and.include({ status: 503 });
    expect(asked).to.have.length(7);
  });

  it('should error after as many when nobody listens', async () => {
    Math.random = () => 0;
    server.close();
    const failure: unknown = await completed(api, 'room').catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
  });

  it('should take the room for closed when it is gone at a later attempt', async () => {
    Math.random = () => 0;
    answers = [503, 404];
    expect(await completed(api, 'room')).to.equal('completed');
    expect(asked).to.have.length(2);
  });

  it('should not try again once unsubscribed', async () => {
    Math.random = () => 0;
    answers = [503, 503, 503, 200];
    const answered = once(server, 'answered');
    const subscription = closeRoom(api, 'given up').subscribe({ error: () => undefined });
    await answered;
    subscription.unsubscribe();
    // By the time that another one has been tried again twice, this one would have been.
    await completed(api, 'other');
    expect(asked.map(({ room }) => room)).to.deep.equal(['given up', 'other', 'other', 'other']);
  });
});
