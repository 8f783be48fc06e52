import '../../demo/participants/quietRtcNode.js';

import { EventEmitter, once } from 'node:events';
import {
  ConnectionState,
  DataPacketKind,
  type Room,
  RoomEvent,
  SimulateScenarioKind,
} from '@livekit/rtc-node';
import { expect } from 'chai';
import {
  concat,
  concatMap,
  filter,
  from,
  identity,
  interval,
  lastValueFrom,
  map,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  take,
  tap,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { type DemoParticipant, joinRoom } from '../../demo/participants/joinRoom.js';
import type { ReceivedCaption } from '../../demo/participants/transcripts.js';
import { toDataChannel, type TranscriptMessage } from '../../streams/toDataChannel.js';
import { type Scene, SOON } from '../support/scene.js';
import { seenSoFar } from '../support/seenSoFar.js';
import { openSignalProxy } from '../support/signalProxy.js';
import { firstOnes } from '../support/transcribedRoom.js';
import { useScene } from '../support/useScene.js';
import { captionsOf } from '../support/captionsOf.js';

const message = (
  id: string,
  receivers: TranscriptMessage['receivers'] = 'everybody',
): TranscriptMessage => ({
  packet: { id, text: `text of ${id}` },
  speaker: { identity: 'speaker', trackSid: 'TR_speaker' },
  receivers,
});
const toMessage = (id: string) => message(id);
const ids = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const fail = (error: unknown) => {
  throw new Error('unexpected', { cause: error });
};
interface Sending {
  readonly address: MonoTypeOperatorFunction<TranscriptMessage>;
  readonly onFailed: (error: unknown) => void;
}
/** Sends these; resolves with the ids of what has been sent. */
const sent = (
  messages: Observable<TranscriptMessage>,
  room: Room,
  { address = identity, onFailed = fail }: Partial<Sending> = {},
): Promise<readonly string[]> =>
  lastValueFrom(
    messages.pipe(
      toDataChannel(room, address, onFailed),
      map(({ packet }) => packet.id),
      toArray(),
    ),
    { defaultValue: [] },
  );

describe('toDataChannel', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;
  let room: Room;
  let caller: DemoParticipant;
  let colleague: DemoParticipant;

  beforeEach(async () => {
    scene = stage.scene();
    // First, so that the others know who it is that sends.
    ({ room } = await scene.join('bot', { kind: 'agent' }));
    [caller, colleague] = await Promise.all([scene.join('caller'), scene.join('colleague')]);
  });

  const idOf = ({ attributes }: ReceivedCaption) => attributes['lk.segment_id'];
  /** Somebody has received these and no others, in order, when both forms of the last are there. */
  const expectReceived = async (person: DemoParticipant, expected: readonly string[]) => {
    const { transcripts, captions } = person;
    const last = expected.at(-1);
    const lastPacket = transcripts.pipe(filter(({ packet }) => packet.id === last));
    const lastCaption = captions.pipe(filter((caption) => idOf(caption) === last));
    await firstWithin(lastPacket, SOON, `the packet ${last}`);
    await firstWithin(lastCaption, SOON, `the text stream ${last}`);
    // The last one to be opened need not be the last one to end.
    await firstOnes(captions, expected.length);
    expect(seenSoFar(transcripts).map(({ packet }) => packet.id)).to.deep.equal(expected);
    expect(captionsOf(person).map(idOf)).to.deep.equal(expected);
  };

  it('should send the packet reliably, as JSON under its topic', async () => {
    const arrived = once(caller.room, RoomEvent.DataReceived);
    await sent(of(message('a')), room);
    const [data, sender, kind, topic] = (await arrived) as [Uint8Array, ...unknown[]];
    expect(JSON.parse(new TextDecoder().decode(data))).to.deep.equal({
      id: 'a',
      text: 'text of a',
    });
    expect(sender).to.include({ identity: 'bot' });
    expect([kind, topic]).to.deep.equal([DataPacketKind.KIND_RELIABLE, 'transcript']);
  });

  it('should send the text as a transcription stream on behalf of the speaker', async () => {
    await sent(of(message('a')), room);
    const caption = await firstWithin(caller.captions, SOON, 'the text stream');
    expect(caption).to.include({ from: 'speaker', text: 'text of a' });
    expect(caption.attributes).to.deep.equal({
      'lk.segment_id': 'a',
      'lk.transcribed_track_id': 'TR_speaker',
      'lk.transcription_final': 'true',
    });
  });

  it('should send one after the other, in order, and emit what has been sent', async () => {
    const expected = ids(50);
    expect(await sent(from(expected).pipe(map(toMessage)), room)).to.deep.equal(expected);
    for (const person of [caller, colleague]) {
      await expectReceived(person, expected);
    }
  });

  it('should send to those who are named, and to nobody where nobody is', async () => {
    const messages = [
      message('caller', ['caller']),
      message('nobody', []),
      message('colleague', ['colleague']),
      message('both', ['caller', 'colleague']),
      message('everybody'),
    ];
    const all = messages.map(({ packet }) => packet.id);
    expect(await sent(from(messages), room)).to.deep.equal(all);
    await expectReceived(caller, ['caller', 'both', 'everybody']);
    await expectReceived(colleague, ['colleague', 'both', 'everybody']);
  });

  it('should reach hidden participants where it is for everybody', async () => {
    const hidden = await scene.join('hidden', { grants: { hidden: true } });
    await sent(of(message('listed', ['caller', 'colleague']), message('everybody')), room);
    await expectReceived(hidden, ['everybody']);
  });

  /** Sends 40 messages within 2 s, and whatever is done to the connection meanwhile. */
  const sentDespite = async (sender: Room, disturb: () => Promise<void>) => {
    const expected = ids(40);
    const sending = sent(
      interval(50).pipe(
        take(40),
        map((n) => message(String(n))),
      ),
      sender,
    );
    await firstWithin(caller.captions, SOON, 'the first text stream');
    const reconnected = once(sender, RoomEvent.Reconnected, {
      signal: AbortSignal.timeout(30_000),
    });
    await disturb();
    await reconnected;
    expect(await sending).to.deep.equal(expected);
    await expectReceived(caller, expected);
  };

  it('should neither lose nor double anything while the connection is built anew', () =>
    sentDespite(room, () => room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT)));

  it('should neither lose nor double anything however long that takes', async () => {
    const proxy = await openSignalProxy(stage.server().url);
    const token = { room: scene.service.room, identity: 'far', kind: 'agent' } as const;
    const far = await joinRoom({ ...stage.server(), url: proxy.url }, token);
    await sentDespite(far.room, async () => {
      // Not awaited: it is answered over the connection that is cut, if it is not refused for that.
      far.room
        .simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
        .catch(() => undefined);
      proxy.cut();
      await firstWithin(proxy.refusals, SOON, 'an attempt to reconnect');
      await firstWithin(timer(6_000), SOON, 'a long outage');
      proxy.restore();
    });
    await far.leave();
    await proxy.close();
  });
});

describe('toDataChannel, with a connection that fails', () => {
  const { random } = Math;
  /** What was sent, in order: the packet's id, or the text. */
  let asked: string[];
  /** How the attempts go in turn; the last one stands. */
  let outcomes: (() => Promise<void>)[];
  let events: EventEmitter;
  let room: Room & { connectionState: ConnectionState };

  const works = () => Promise.resolve();
  const fails = () => Promise.reject(new Error('no connection'));
  const attempt = (what: string) => {
    asked.push(what);
    return (outcomes[asked.length - 1] ?? outcomes.at(-1)!)();
  };

  beforeEach(() => {
    [asked, outcomes] = [[], [works]];
    Math.random = () => 0;
    events = new EventEmitter();
    room = Object.assign(events, {
      connectionState: ConnectionState.CONN_CONNECTED,
      localParticipant: {
        publishData: (data: Uint8Array) =>
          attempt((JSON.parse(new TextDecoder().decode(data)) as { id: string }).id),
        streamText: () => Promise.resolve({ write: (text: string) => attempt(text), close: works }),
      },
    }) as unknown as typeof room;
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  afterEach(() => {
    Math.random = random;
  });

  it('should try again what failed, and only that', async () => {
    outcomes = [fails, fails, works, fails, works];
    expect(await sent(of(message('a'), message('b')), room)).to.deep.equal(['a', 'b']);
    const text = 'text of a';
    expect(asked).to.deep.equal(['a', 'a', 'a', text, text, 'b', 'text of b']);
  });

  it('should wait longer and longer, by chance, before it tries again', async () => {
    Math.random = () => 0.5;
    outcomes = [fails, fails, works];
    const started = performance.now();
    await sent(of(message('a')), room);
    expect(performance.now() - started).to.be.within(595, 10_000);
  });

  it('should tell of what could not be sent at last, and go on with the next', async () => {
    outcomes = [...Array<typeof fails>(6).fill(fails), works];
    const failures: string[] = [];
    const onFailed = (error: unknown) => void failures.push(String(error));
    expect(await sent(of(message('a'), message('b')), room, { onFailed })).to.deep.equal(['b']);
    expect(failures).to.deep.equal(['Error: no connection']);
    expect(asked).to.deep.equal([...Array<string>(6).fill('a'), 'b', 'text of b']);
  });

  it('should wait while the bot reconnects, and make the message only then', async () => {
    room.connectionState = ConnectionState.CONN_RECONNECTING;
    let made = 0;
    const address = tap<TranscriptMessage>(() => void (made += 1));
    const sending = sent(of(message('a')), room, { address });
    await settled();
    events.emit(RoomEvent.Reconnected);
    await settled();
    expect([made, asked]).to.deep.equal([0, []]);
    room.connectionState = ConnectionState.CONN_CONNECTED;
    events.emit(RoomEvent.Reconnected);
    await sending;
    expect([made, asked]).to.deep.equal([1, ['a', 'text of a']]);
    expect(events.eventNames()).to.deep.equal([]);
  });

  it('should make each message when it is its turn', async () => {
    const order: string[] = [];
    const address = tap<TranscriptMessage>(({ packet }) => order.push(`make ${packet.id}`));
    outcomes = [() => Promise.resolve().then(() => void order.push('sent'))];
    await sent(from(['a', 'b']).pipe(map(toMessage)), room, { address });
    expect(order).to.deep.equal(['make a', 'sent', 'sent', 'make b', 'sent', 'sent']);
  });

  it('should tell of a message that cannot be made, and go on with the next', async () => {
    const failures: string[] = [];
    const address = tap<TranscriptMessage>(({ packet }) => {
      if (packet.id === 'a') throw new Error('cannot be made');
    });
    const onFailed = (error: unknown) => void failures.push(String(error));
    const messages = from(['a', 'b']).pipe(map(toMessage));
    expect(await sent(messages, room, { address, onFailed })).to.deep.equal(['b']);
    expect(failures).to.deep.equal(['Error: cannot be made']);
  });

  it('should fail for a room that is not joined as for any other', async () => {
    const withoutParticipant = Object.assign(room, { localParticipant: undefined });
    const failures: string[] = [];
    const onFailed = (error: unknown) => void failures.push(String(error));
    expect(await sent(of(message('a')), withoutParticipant, { onFailed })).to.deep.equal([]);
    expect(failures).to.deep.equal(['Error: the room is not joined']);
  });

  it('should not try again once unsubscribed', async () => {
    outcomes = [fails];
    const subscription = concat(of(message('a')), NEVER)
      .pipe(toDataChannel(room, identity, fail))
      .subscribe();
    subscription.unsubscribe();
    // By the time that another one has been tried six times, this one would have been again.
    await sent(of(message('b')), room, { onFailed: () => undefined });
    expect(asked).to.deep.equal(['a', ...Array<string>(6).fill('b')]);
  });

  it('should pass on what telling of a failure throws, and an error of the source', async () => {
    outcomes = [fails];
    const failed = await sent(of(message('a')), room).catch((error: unknown) => String(error));
    expect(failed).to.equal('Error: unexpected');
    const broken = throwError(() => new Error('mine'));
    expect(await sent(broken, room).catch((error: unknown) => String(error))).to.equal(
      'Error: mine',
    );
  });

  it('should complete with the source, once the last has been sent', async () => {
    outcomes = [() => firstWithin(timer(50), SOON, 'an answer').then(() => undefined)];
    expect(await sent(of(), room)).to.deep.equal([]);
    expect(await sent(of(1, 2).pipe(concatMap((n) => of(message(String(n))))), room)).to.deep.equal(
      ['1', '2'],
    );
    expect(asked).to.have.length(4);
  });
});
