import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { AudioOutput, TrackInput } from '../../operators/types.js';
import { toAudioTrack } from '../../streams/toAudioTrack.js';
import { frameOf } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

type Event = TrackInput | { readonly type: 'A' } | { readonly type: 'B' };

/** f, g: frames; c: cut; A, B: what is passed on. */
const events = {
  f: { type: 'frame', frame: frameOf([1]) },
  g: { type: 'frame', frame: frameOf([2]) },
  c: { type: 'cut' },
  A: { type: 'A' },
  B: { type: 'B' },
} as const satisfies Record<string, Event>;

/** An output whose calls are answered when the spec says so. */
function scriptedOutput() {
  const calls: string[] = [];
  const answers: { accept: () => void; refuse: (error: Error) => void }[] = [];
  const call = (what: string) =>
    new Promise<void>((resolve, reject) => {
      calls.push(what);
      answers.push({ accept: resolve, refuse: reject });
    });
  const output: AudioOutput = {
    queued: () => 0,
    write: ({ samples }) => call(`write ${samples.join()}`),
    cut: () => call('cut'),
  };
  return { output, calls, answers };
}

/** Everything that promises have to say now has been said. */
const settled = () => new Promise(setImmediate);

const fail = (error: unknown) => {
  throw new Error('unexpected', { cause: error });
};

describe('toAudioTrack, with events alone', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should pass them on as they come', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Event>('-A--(AB)--B-|', events);
      const subs = '              ^-----------!';
      const expected = '          -A--(AB)--B-|';
      const { output } = scriptedOutput();
      expectObservable(source.pipe(toAudioTrack(output, fail))).toBe(expected, events);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should pass completion, error and silence', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const { output } = scriptedOutput();
      const played = (marbles: string) =>
        cold<Event>(marbles, events).pipe(toAudioTrack(output, fail));
      expectObservable(played('--|')).toBe('  --|');
      expectObservable(played('---')).toBe('  ---');
      expectObservable(played('-A|')).toBe('  -A|', events);
      expectObservable(played('-A-#')).toBe(' -A-#', events);
    });
  });

  it('should stop when unsubscribed early', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Event>('-A--B--|', events);
      const unsub = '             --!     ';
      const subs = '              ^-!     ';
      const { output } = scriptedOutput();
      expectObservable(source.pipe(toAudioTrack(output, fail)), unsub).toBe('-A', events);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should hand over frames and cuts at once, whether or not earlier ones were accepted', () => {
    rxTest.run(({ cold, expectObservable, flush }) => {
      const { output, calls } = scriptedOutput();
      const source = cold<Event>('-fg-c-(fg)', events);
      const expected = '          ----------';
      expectObservable(source.pipe(toAudioTrack(output, fail))).toBe(expected);
      flush();
      expect(calls).to.deep.equal(['write 1', 'write 2', 'cut', 'write 1', 'write 2']);
    });
  });

  it('should pass an error on when the output throws instead of answering', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Event>('-A-f--', events);
      const subs = '              ^--!  ';
      const expected = '          -A-#  ';
      const output = { ...scriptedOutput().output, write: () => fail('closed') };
      expectObservable(source.pipe(toAudioTrack(output, fail))).toBe(
        expected,
        events,
        new Error('unexpected'),
      );
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });
});

describe('toAudioTrack, with frames', () => {
  let source: Subject<Event>;
  let track: ReturnType<typeof scriptedOutput>;
  let refused: unknown[];
  let seen: string[];

  beforeEach(() => {
    [source, track, refused, seen] = [new Subject(), scriptedOutput(), [], []];
  });
  const start = (onRefused = (error: unknown): void => void refused.push(error)) =>
    source.pipe(toAudioTrack(track.output, onRefused)).subscribe({
      next: ({ type }) => seen.push(type),
      error: (error: unknown) => seen.push(String(error)),
      complete: () => seen.push('|'),
    });
  const emit = (...names: (keyof typeof events)[]) =>
    names.forEach((name) => source.next(events[name]));

  it('should emit what follows a frame when that frame has been accepted', async () => {
    start();
    emit('f', 'A', 'g', 'B');
    await settled();
    expect(seen).to.deep.equal([]);
    track.answers[0]!.accept();
    await settled();
    expect(seen).to.deep.equal(['A']);
    track.answers[1]!.accept();
    await settled();
    expect(seen).to.deep.equal(['A', 'B']);
  });

  it('should keep the order where a later frame is accepted before an earlier one', async () => {
    start();
    emit('f', 'A', 'g', 'B');
    track.answers[1]!.accept();
    await settled();
    expect(seen).to.deep.equal([]);
    track.answers[0]!.accept();
    await settled();
    expect(seen).to.deep.equal(['A', 'B']);
  });

  it('should emit what follows a cut when it has been carried out', async () => {
    start();
    emit('f', 'c', 'A');
    track.answers[0]!.accept();
    await settled();
    expect(seen).to.deep.equal([]);
    track.answers[1]!.accept();
    await settled();
    expect(seen).to.deep.equal(['A']);
  });

  it('should tell of a frame and a cut that are refused, and go on', async () => {
    start();
    emit('f', 'A', 'c', 'B', 'g');
    const [frame, cut] = [new Error('no frame'), new Error('no cut')];
    track.answers[0]!.refuse(frame);
    track.answers[1]!.refuse(cut);
    await settled();
    expect(refused).to.deep.equal([frame, cut]);
    expect(seen).to.deep.equal(['A', 'B']);
    expect(track.calls).to.deep.equal(['write 1', 'cut', 'write 2']);
  });

  it('should tell of a refusal at once, while an earlier frame waits', async () => {
    start();
    emit('f', 'g');
    const error = new Error('no frame');
    track.answers[1]!.refuse(error);
    await settled();
    expect(refused).to.deep.equal([error]);
  });

  it('should complete when the last frame has been accepted', async () => {
    start();
    emit('f');
    source.complete();
    await settled();
    expect(seen).to.deep.equal([]);
    track.answers[0]!.accept();
    await settled();
    expect(seen).to.deep.equal(['|']);
  });

  it('should pass an error of the source on without waiting', () => {
    start();
    emit('f', 'A');
    source.error(new Error('gone'));
    expect(seen).to.deep.equal(['Error: gone']);
  });

  it('should emit nothing more when unsubscribed while a frame waits', async () => {
    const subscription = start();
    emit('f', 'A');
    subscription.unsubscribe();
    track.answers[0]!.refuse(new Error('closed'));
    await settled();
    expect(seen).to.deep.equal([]);
    expect(source.observed).to.equal(false);
    expect(refused).to.have.length(1);
  });

  it('should pass on what telling of a refusal throws', async () => {
    start(() => {
      throw new Error('log is full');
    });
    emit('f', 'A');
    track.answers[0]!.refuse(new Error('no frame'));
    await settled();
    expect(seen).to.deep.equal(['Error: log is full']);
  });
});
