import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  AudioStreamEvent,
  FfiEvent,
  RoomEvent as RoomEventMessage,
} from '@livekit/rtc-ffi-bindings';
import {
  ConnectError,
  ConnectionState,
  ContinualGatheringPolicy,
  IceServer,
  IceTransportType,
  type Room,
  RoomEvent,
} from '@livekit/rtc-node';
import { expect } from 'chai';
import {
  concat,
  EMPTY,
  exhaustMap,
  filter,
  fromEvent,
  interval,
  lastValueFrom,
  merge,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  take,
  tap,
  throwError,
  toArray,
} from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { freePort } from '../../demo/freePort.js';
import { mintToken, type ServerAccess } from '../../demo/participants/mintToken.js';
import { type RoomProject, withRoom } from '../../streams/withRoom.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { joinedRooms } from '../support/joinedRooms.js';
import { type Scene, SOON } from '../support/scene.js';
import { useScene } from '../support/useScene.js';
import { openSignalProxy } from '../support/signalProxy.js';

/** Asks nobody for STUN: as quick as the other participants of these specs. */
const RTC_CONFIG = {
  iceTransportType: IceTransportType.TRANSPORT_ALL,
  continualGatheringPolicy: ContinualGatheringPolicy.GATHER_CONTINUALLY,
  iceServers: [new IceServer({ urls: ['stun:127.0.0.1:3478'] })],
};

describe('withRoom', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;

  beforeEach(() => {
    scene = stage.scene();
  });

  const tokenOf = (access: ServerAccess) =>
    mintToken(access, { room: scene.service.room, identity: 'bot', kind: 'agent' });
  /** The bot joins the room and does this there. */
  const inRoom = async <T>(
    project: RoomProject<T>,
    { url }: Pick<ServerAccess, 'url'> = stage.server(),
  ) => withRoom({ url, token: await tokenOf(stage.server()), rtcConfig: RTC_CONFIG }, project);
  const isInside = async () => {
    const people = await scene.service.rooms.listParticipants(scene.service.room);
    return people.some(({ identity }) => identity === 'bot');
  };
  /** Resolves when the server says that the bot is in the room, or that it is not. */
  const inside = (wanted: boolean) =>
    firstWithin(
      interval(20).pipe(
        exhaustMap(isInside),
        filter((is) => is === wanted),
      ),
      SOON,
      `the bot ${wanted ? 'in' : 'out of'} the room`,
    );

  /** Resolves when so many rooms are being joined. */
  const joining = (rooms: readonly Room[], count: number) =>
    firstWithin(interval(1).pipe(filter(() => rooms.length >= count)), SOON, 'a join');

  /** A wire to the server on which nothing comes through, and so nobody joins, until `release`. */
  const heldWire = async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    return { ...(await openSignalProxy(stage.server().url, released)), release };
  };

  /** The error with which a result ends, if it does not complete. */
  const failureOf = (result: Observable<unknown>): Promise<unknown> =>
    lastValueFrom(result, { defaultValue: undefined }).then(
      () => 'completed',
      (error: unknown) => error,
    );

  it('should give the room once it is joined, and pass on what is made of it', async () => {
    const seen = await inRoom((room) =>
      of(room.connectionState, room.localParticipant?.identity, room.name),
    );
    expect(await firstWithin(seen.pipe(toArray()), SOON, 'values')).to.deep.equal([
      ConnectionState.CONN_CONNECTED,
      'bot',
      scene.service.room,
    ]);
  });

  it('should subscribe to nobody', async () => {
    const caller = await scene.join('caller');
    const rooms = new ReplaySubject<Room>(1);
    const result = await inRoom((room) => concat(of(room), NEVER));
    const subscription = result.subscribe(rooms);
    const room = await firstWithin(rooms, SOON, 'the room');
    const colleague = await scene.join('colleague');
    const published = once(room, RoomEvent.TrackPublished);
    await caller.speak(440);
    await published;
    // Whoever takes all tracks hears this one by now.
    await colleague.waitForTone(440, { within: SOON });
    const tracks = [...room.remoteParticipants.get('caller')!.trackPublications.values()];
    expect(tracks.map(({ subscribed }) => subscribed)).to.deep.equal([false]);
    subscription.unsubscribe();
  });

  const endings: Record<string, () => Observable<unknown>> = {
    completes: () => EMPTY,
    errors: () => throwError(() => new Error('mine')),
    throws: () => {
      throw new Error('mine');
    },
  };
  for (const [what, project] of Object.entries(endings)) {
    it(`should leave when what is done there ${what}`, async () => {
      const [rooms, forget] = joinedRooms();
      const result = await inRoom(project);
      expect(String(await failureOf(result))).to.equal(
        what === 'completes' ? 'completed' : 'Error: mine',
      );
      forget();
      expect(rooms).to.have.length(1);
      await inside(false);
    });
  }

  it('should have rtc-node forget a room that the server has closed', async () => {
    const listeners = () => globalThis._ffiClientInstance!.listenerCount('ffi_event');
    const before = listeners();
    const joined = new ReplaySubject<unknown>(1);
    const result = await inRoom((room) =>
      merge(of(room), fromEvent(room, RoomEvent.Disconnected)).pipe(take(2)),
    );
    const over = failureOf(result.pipe(tap(joined)));
    await firstWithin(joined, SOON, 'the room');
    expect(listeners()).to.be.above(before);
    await deleteRoomUntil(over, scene.service);
    expect(await over).to.equal('completed');
    await firstWithin(
      interval(20).pipe(filter(() => listeners() <= before)),
      SOON,
      'no listener of that room',
    );
  });

  it('should leave when unsubscribed', async () => {
    const result = await inRoom(() => NEVER);
    const subscription = result.subscribe();
    await inside(true);
    subscription.unsubscribe();
    await inside(false);
  });

  it('should leave when unsubscribed while it joins, and do nothing there', async () => {
    const [rooms, forget] = joinedRooms();
    let entered = 0;
    const wire = await heldWire();
    const result = await inRoom(() => {
      entered += 1;
      return NEVER;
    }, wire);
    const subscription = result.subscribe();
    await joining(rooms, 1);
    subscription.unsubscribe();
    forget();
    const left = once(rooms[0]!, RoomEvent.Disconnected);
    wire.release();
    await left;
    await inside(false);
    await wire.close();
    expect(entered).to.equal(0);
  });

  it('should not even join when unsubscribed before its turn', async () => {
    const [rooms, forget] = joinedRooms();
    const result = await inRoom(() => NEVER);
    result.subscribe().unsubscribe();
    const sid = await firstWithin(
      await inRoom((room) => of(room.localParticipant!.sid)),
      SOON,
      'one',
    );
    forget();
    expect(sid).to.be.a('string');
    expect(rooms).to.have.length(1);
  });

  it('should join two rooms of a process at a time', async () => {
    const [rooms, forget] = joinedRooms();
    const identities = ['one', 'two', 'three'];
    const { room } = scene.service;
    const tokens = await Promise.all(
      identities.map((identity) => mintToken(stage.server(), { room, identity, kind: 'agent' })),
    );
    const wire = await heldWire();
    const { url } = wire;
    const results = tokens.map((token) =>
      withRoom({ url, token, rtcConfig: RTC_CONFIG }, (joined) => of(joined.localParticipant)),
    );
    const joined = lastValueFrom(merge(...results).pipe(toArray()), { defaultValue: [] });
    await joining(rooms, 2);
    expect(rooms).to.have.length(2);
    wire.release();
    const seen = (await joined).map((participant) => participant?.identity);
    forget();
    expect(seen).to.have.members(identities);
    await wire.close();
  });

  it('should not wait for others that get no answer', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const stuck = withRoom({ url, token: await tokenOf(stage.server()) }, () => NEVER);
    const waiting = merge(stuck, stuck).subscribe({ error: () => undefined });
    const result = await inRoom((room) => of(room.name));
    expect(await firstWithin(result, SOON, 'a room')).to.equal(scene.service.room);
    waiting.unsubscribe();
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });

  it('should keep the frames of all tracks of the process from the room', async () => {
    const result = await inRoom((room) => {
      const { ffiEventLock } = room as unknown as { ffiEventLock: { isLocked(): boolean } };
      const locks = (message: FfiEvent['message']) => {
        globalThis._ffiClientInstance!.emit('ffi_event', new FfiEvent({ message }));
        return ffiEventLock.isLocked();
      };
      const frame = new AudioStreamEvent({ streamHandle: 0n });
      const event = new RoomEventMessage({ roomHandle: 0n });
      return of([
        locks({ case: 'audioStreamEvent', value: frame }),
        locks({ case: 'roomEvent', value: event }),
      ]);
    });
    expect(await firstWithin(result, SOON, 'the room')).to.deep.equal([false, true]);
  });

  it('should join with each subscription, and not before', async () => {
    const [rooms, forget] = joinedRooms();
    const result = await inRoom((room) => of(room.localParticipant!.sid));
    expect(rooms).to.have.length(0);
    const sid = () => firstWithin(result, SOON, 'a session');
    const sids = [await sid(), await sid()];
    forget();
    expect(rooms).to.have.length(2);
    expect(new Set(sids)).to.have.length(2);
  });

  it('should error when the server refuses the token', async () => {
    const token = await tokenOf({
      ...stage.server(),
      apiSecret: 'not the secret of this server at all',
    });
    const result = withRoom({ url: stage.server().url, token }, () => of('in'));
    const failure = await failureOf(result);
    expect(failure).to.be.instanceOf(ConnectError);
    expect(String(failure)).to.include('401');
  });

  it('should error when the server cannot be reached', async () => {
    const url = `ws://127.0.0.1:${await freePort()}`;
    const result = withRoom({ url, token: await tokenOf(stage.server()) }, () => of('in'));
    expect(await failureOf(result)).to.be.instanceOf(ConnectError);
  });
});
