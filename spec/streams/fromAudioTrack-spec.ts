import '../../demo/participants/quietRtcNode.js';

import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';

import { AudioFrame, type RemoteTrack, Room, RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, fromEvent, map, materialize, take, toArray } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import { toneDbfs } from '../../demo/toneRecognizer.js';
import { fromAudioTrack } from '../../streams/fromAudioTrack.js';
import { deleteRoomUntil } from '../support/deleteRoomUntil.js';
import { SOON } from '../support/scene.js';
import { useScene } from '../support/useScene.js';

/** How a track's sound ends. */
const endOf = (room: Room, track: RemoteTrack) =>
  fromAudioTrack(room, track, noDrop).pipe(
    materialize(),
    map(({ kind }) => kind),
    filter((kind) => kind !== 'N'),
  );

const noDrop = () => expect.fail('no frame is to be dropped');

describe('fromAudioTrack, of a real track', () => {
  const stage = useScene(undefined, { microphones: false });
  let caller: DemoParticipant;
  let listener: DemoParticipant;
  let track: RemoteTrack;

  beforeEach(async () => {
    const scene = stage.scene();
    listener = await scene.join('listener');
    const subscribed = firstWithin(
      fromEvent(listener.room, RoomEvent.TrackSubscribed),
      SOON,
      'the track',
    );
    caller = await scene.join('caller');
    await caller.speak(440);
    [track] = (await subscribed) as [RemoteTrack];
  });

  it('should give what is said as 16 kHz mono, 32 ms a frame', async () => {
    const heard = fromAudioTrack(listener.room, track, noDrop).pipe(
      filter(({ samples }) => toneDbfs(samples, 440, 16_000) > -20),
      take(10),
      toArray(),
    );
    for (const frame of await firstWithin(heard, SOON, 'the tone')) {
      expect(frame.sampleRate).to.equal(16_000);
      expect(frame.samples).to.be.instanceOf(Int16Array).and.have.length(512);
      expect(frame.samples.byteLength).to.equal(frame.samples.buffer.byteLength);
    }
  });

  it('should complete when the track is unpublished', async () => {
    const ended = firstWithin(endOf(listener.room, track), SOON, 'the end of the track');
    await caller.unpublish();
    expect(await ended).to.equal('C');
  });

  it('should complete when the speaker leaves', async () => {
    const ended = firstWithin(endOf(listener.room, track), SOON, 'the end of the track');
    await caller.leave();
    expect(await ended).to.equal('C');
  });

  it('should complete when the room is deleted', async () => {
    const ended = firstWithin(endOf(listener.room, track), SOON, 'the end of the track');
    await deleteRoomUntil(ended, stage.scene().service);
    expect(await ended).to.equal('C');
  });

  it('should be heard by each subscriber by itself, and again after an unsubscription', async () => {
    const heard = fromAudioTrack(listener.room, track, noDrop).pipe(take(3), toArray());
    const both = [firstWithin(heard, SOON, 'one'), firstWithin(heard, SOON, 'other')];
    expect((await Promise.all(both)).map(({ length }) => length)).to.deep.equal([3, 3]);
    expect(await firstWithin(heard, SOON, 'another')).to.have.length(3);
  });
});

describe('fromAudioTrack, of a scripted stream', () => {
  const track = {} as RemoteTrack;
  /** What the native side would send, and whether it has been told to stop. */
  let native: ReadableStreamDefaultController<AudioFrame>;
  let opened: number;
  let cancelled: number;
  const open = () =>
    new ReadableStream<AudioFrame>({
      start: (controller) => {
        opened += 1;
        native = controller;
      },
      cancel: () => void (cancelled += 1),
    });
  const send = (...values: number[]) => {
    for (const value of values) {
      native.enqueue(new AudioFrame(new Int16Array([value]), 16_000, 1, 1));
    }
  };
  const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  let room: Room;
  let seen: unknown[];
  let dropped: number;
  beforeEach(() => {
    room = new Room();
    [opened, cancelled, seen, dropped] = [0, 0, [], 0];
  });
  const follow = (onDropped = () => void (dropped += 1)) =>
    fromAudioTrack(room, track, onDropped, open).subscribe({
      next: ({ samples }) => seen.push(samples[0]),
      error: (error: unknown) => seen.push(error),
      complete: () => seen.push('|'),
    });

  it('should open nothing before it is subscribed to', () => {
    const heard = fromAudioTrack(room, track, noDrop, open);
    expect(opened).to.equal(0);
    heard.subscribe().unsubscribe();
    expect(opened).to.equal(1);
  });

  it('should give what came before the end, then complete', async () => {
    follow();
    send(1, 2);
    await settled();
    send(3);
    native.close();
    await settled();
    expect(seen).to.deep.equal([1, 2, 3, '|']);
  });

  it('should drop the oldest of more than 3 s that came while the process was busy', async () => {
    follow();
    send(...Array.from({ length: 104 }, (_, i) => i));
    await settled();
    expect(seen).to.deep.equal(Array.from({ length: 94 }, (_, i) => i + 10));
    expect(dropped).to.equal(10);
    send(104);
    await settled();
    expect(seen.at(-1)).to.equal(104);
  });

  it('should close the stream at once when unsubscribed, and emit nothing more', async () => {
    const following = follow();
    send(1);
    await settled();
    send(2);
    following.unsubscribe();
    expect(cancelled).to.equal(1);
    expect(room.listenerCount(RoomEvent.Disconnected)).to.equal(0);
    await settled();
    expect(seen).to.deep.equal([1]);
  });

  it('should fail when the stream fails, cannot be opened, or the callback throws', async () => {
    const cause = new Error('spec');
    const fail = () => {
      throw cause;
    };
    follow();
    native.error(cause);
    await settled();
    follow(fail);
    send(...new Array<number>(95).fill(0));
    await settled();
    expect(seen).to.have.length(2);
    expect(seen.map((error) => (error as Error).cause)).to.deep.equal([cause, cause]);
    const unopened = fromAudioTrack(room, track, noDrop, fail);
    const failure = await firstWithin(unopened, SOON, 'a frame').catch((error: unknown) => error);
    expect((failure as Error).cause).to.equal(cause);
  });
});
