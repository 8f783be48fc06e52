import { expect } from 'chai';
import {
  delay,
  forkJoin,
  map,
  mergeMap,
  type Observable,
  reduce,
  repeat,
  take,
  tap,
  toArray,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { DetectSpeech, PcmFrame, Utterance } from '../../operators/types.js';
import { vadChunk, type VadChunkOptions } from '../../operators/vadChunk.js';
import { collect } from '../support/collect.js';
import { flatFrame } from '../support/frames.js';
import { createTestScheduler } from '../support/testScheduler.js';

/** 1 ms each. n: silence, s: speech, q: quiet speech, m: what was before goes on. */
const frames = {
  n: flatFrame(1, 16, 16_000),
  s: flatFrame(1_000, 16, 16_000),
  q: flatFrame(100, 16, 16_000),
  m: flatFrame(10, 16, 16_000),
};
type Name = keyof typeof frames;
const PROBABILITY: Record<Name, number> = { n: 0.34, s: 0.5, q: 0.9, m: 0.35 };

const nameOf = (frame: PcmFrame) =>
  (Object.keys(frames) as Name[]).find((name) => frames[name] === frame)!;
const detect: DetectSpeech = map((frame) => ({ frame, probability: PROBABILITY[nameOf(frame)] }));

const said = (audio: Observable<PcmFrame>) =>
  audio.pipe(reduce((names, frame) => names + nameOf(frame), ''));

/** Each utterance once it has ended. */
const ended = mergeMap(({ id, startMs, audio, end }: Utterance) =>
  forkJoin([said(audio), end]).pipe(map(([audio, end]) => ({ id, startMs, audio, ...end }))),
);

describe('vadChunk', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const chunked = (source: Observable<PcmFrame>, options: Partial<VadChunkOptions> = {}) => {
    let ids = 0;
    const limits = { minSpeech: 3, preRoll: 2, hangover: 3, starvation: 5 };
    const createId = () => String(++ids);
    return source.pipe(vadChunk(detect, { ...limits, createId, ...options }, rxTest));
  };
  const idOf = map(({ id }: Utterance) => id);

  it('should emit an utterance once it is certain, and end it after the hangover', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' nnnssssnnnnnn|', frames);
      const subs = '        ^------------!';
      const started = '     -----1-------|';
      const over = '        ---------a---|';
      const a = { id: '1', startMs: 2, audio: 'nnssssnnn', endMs: 6, by: 'pause' };
      expectObservable(chunked(source).pipe(idOf)).toBe(started);
      expectObservable(chunked(source).pipe(ended)).toBe(over, { a });
      expectSubscriptions(source.subscriptions).toBe([subs, subs]);
    });
  });

  it('should drop what is shorter than speech', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('nssnnnnsnnnnss|', frames);
      const expected = '   --------------|';
      expectObservable(chunked(source)).toBe(expected);
    });
  });

  it('should not end in a pause that is shorter than the hangover', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('snnsnnssnnsnnnn|', frames);
      const started = '   ------1--------|';
      const over = '      -------------a-|';
      const a = { id: '1', startMs: -1, audio: 'snnsnnssnnsnnn', endMs: 10, by: 'pause' };
      expectObservable(chunked(source).pipe(idOf)).toBe(started);
      expectObservable(chunked(source).pipe(ended)).toBe(over, { a });
    });
  });

  it('should begin at the higher threshold and go on down to the lower one', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('mmmmsmmmmnnnn|', frames);
      const expected = '   -----------a-|';
      const a = { id: '1', startMs: 3, audio: 'mmsmmmmnnn', endMs: 8, by: 'pause' };
      expectObservable(chunked(source).pipe(ended)).toBe(expected, { a });
    });
  });

  it('should give the next utterance the pause before it as pre-roll, but no speech', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('sssnnnsssnnnn|', frames);
      const expected = '   -----a-----b-|';
      const a = { id: '1', startMs: -1, audio: 'sssnnn', endMs: 2, by: 'pause' };
      const b = { id: '2', startMs: 5, audio: 'nnsssnnn', endMs: 8, by: 'pause' };
      expectObservable(chunked(source).pipe(ended)).toBe(expected, { a, b });
      const brief = cold(' sssnsssnnn|', frames);
      const c = { id: '1', startMs: -1, audio: 'sssn', endMs: 2, by: 'pause' };
      const d = { id: '2', startMs: 3, audio: 'nsssn', endMs: 6, by: 'pause' };
      expectObservable(chunked(brief, { hangover: 1 }).pipe(ended)).toBe('---c---d--|', { c, d });
    });
  });

  it('should hand the audio on from the pre-roll on, live, and again to late subscribers', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const heard = (audio: Observable<PcmFrame>) =>
        audio.pipe(reduce((all, frame) => `${all} ${nameOf(frame)}${rxTest.now()}`, ''));
      const source = cold('        nsssssnnnn|', frames);
      const live = '               --------a-|';
      const late = '               ---------------b';
      const heardAt = (delay: string) =>
        chunked(source).pipe(
          mergeMap(({ audio }) => cold(delay).pipe(mergeMap(() => heard(audio)))),
        );
      expectObservable(heardAt('0|')).toBe(live, { a: ' n3 s3 s3 s3 s4 s5 n6 n7 n8' });
      const all = ' n15 s15 s15 s15 s15 s15 n15 n15 n15';
      expectObservable(heardAt('------------0')).toBe(late, { b: all });
    });
  });

  it('should cut what grows too long after its quietest late frame, and go on with the rest', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('qsssssssqssssnnnn|', frames);
      const started = '   --1------2-------|';
      const over = '      ---------a-----b-|';
      const a = { id: '1', startMs: -1, audio: 'qsssssssq', endMs: 8, by: 'cut' };
      const b = { id: '2', startMs: 8, audio: 'ssssnnn', endMs: 12, by: 'pause' };
      const cut = (source: Observable<PcmFrame>) =>
        chunked(source, { maxLength: 10, cutWindow: 4 });
      expectObservable(cut(source).pipe(idOf)).toBe(started);
      expectObservable(cut(source).pipe(ended)).toBe(over, { a, b });
    });
  });

  it('should cut after the last of equally quiet frames, and count the pre-roll', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('nnnssssssnnnn|', frames);
      const expected = '   ------a----b-|';
      const a = { id: '1', startMs: 2, audio: 'nnssss', endMs: 6, by: 'cut' };
      const b = { id: '2', startMs: 6, audio: 'ssnnn', endMs: 8, by: 'pause' };
      const spoken = chunked(source, { maxLength: 6, cutWindow: 3 });
      expectObservable(spoken.pipe(ended)).toBe(expected, { a, b });
    });
  });

  it('should lose and double nothing however often it cuts', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const speech = 'sqsssqsqqsssssssqsnsssqqqqsssssssssssqsnnsssqs';
      const spoken = chunked(cold(`${speech}|`, frames), { maxLength: 7, cutWindow: 5 });
      const all = spoken.pipe(
        mergeMap(({ audio }) => said(audio)),
        reduce((a, b) => a + b),
      );
      expectObservable(all).toBe(`${'-'.repeat(speech.length)}(a|)`, { a: speech });
    });
  });

  it('should take even a little speech after a cut for speech', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('ssssqsnnnn|', frames);
      const expected = '   -----a--b-|';
      const a = { id: '1', startMs: -1, audio: 'ssssq', endMs: 4, by: 'cut' };
      const b = { id: '2', startMs: 4, audio: 'snnn', endMs: 5, by: 'pause' };
      const spoken = chunked(source, { maxLength: 6, cutWindow: 3 });
      expectObservable(spoken.pipe(ended)).toBe(expected, { a, b });
    });
  });

  it('should make no utterance of the silence after a cut', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('sssssnnnnnnnnn|', frames);
      const expected = '   -----a--------|';
      const a = { id: '1', startMs: -1, audio: 'sssssn', endMs: 4, by: 'cut' };
      const spoken = chunked(source, { maxLength: 6, cutWindow: 3 });
      expectObservable(spoken.pipe(ended)).toBe(expected, { a });
    });
  });

  it('should end an utterance when frames stop coming, and begin anew when they come again', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('nsss----------ssssnnnn|', frames);
      const expected = '   --------a-----------b-|';
      const a = { id: '1', startMs: 0, audio: 'nsss', endMs: 3, by: 'track' };
      const b = { id: '2', startMs: 13, audio: 'ssssnnn', endMs: 17, by: 'pause' };
      expectObservable(chunked(source).pipe(ended)).toBe(expected, { a, b });
    });
  });

  it('should not add up what was said before and after frames stopped coming', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('ss-----ss-----ss--|', frames);
      const expected = '   ------------------|';
      expectObservable(chunked(source)).toBe(expected);
    });
  });

  it('should carry neither pre-roll nor speech over a gap between frames', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('nn------ssss------msssnnnn|', frames);
      const expected = '   ----------------a-------b-|';
      const a = { id: '1', startMs: 7, audio: 'ssss', endMs: 11, by: 'track' };
      const b = { id: '2', startMs: 18, audio: 'msssnnn', endMs: 21, by: 'pause' };
      expectObservable(chunked(source).pipe(ended)).toBe(expected, { a, b });
    });
  });

  it('should end the utterance that is going on when the source completes, and then complete', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('ssssn|', frames);
      const a = { id: '1', startMs: -1, audio: 'ssssn', endMs: 3, by: 'track' };
      expectObservable(chunked(source).pipe(ended)).toBe('-----(a|)', { a });
    });
  });

  it('should end the utterance that is going on when the source fails, and then fail', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('sssss#', frames);
      const subs = '       ^----!';
      const a = { id: '1', startMs: -1, audio: 'sssss', endMs: 4, by: 'track' };
      expectObservable(chunked(source).pipe(ended)).toBe('-----(a#)', { a });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  it('should end the utterance that is going on when unsubscribed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const source = cold('ssssssss', frames);
      const subs = '       ^----!  ';
      const seen: Utterance[] = [];
      const followed = chunked(source).pipe(tap((utterance) => seen.push(utterance)));
      expectObservable(followed.pipe(idOf), '-----!').toBe('--1');
      expectSubscriptions(source.subscriptions).toBe(subs);
      flush();
      const ended = collect(forkJoin([said(seen[0]!.audio), seen[0]!.end]));
      expect(ended).to.deep.equal([['sssss', { endMs: 4, by: 'track' }]]);
    });
  });

  it('should tell the time of arrival, however late a frame is judged', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const source = cold('nsssnnn---------|', frames);
      const expected = '   -------------a--|';
      const a = { id: '1', startMs: 0, audio: 'nsssnnn', endMs: 3, by: 'pause' };
      const late: DetectSpeech = (source) => detect(source.pipe(delay(7, rxTest)));
      const spoken = source.pipe(
        vadChunk(late, { createId: () => '1', minSpeech: 3, preRoll: 2, hangover: 3 }, rxTest),
      );
      expectObservable(spoken.pipe(ended)).toBe(expected, { a });
    });
  });

  it('should pass on completion, failure and silence without speech', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(chunked(cold('--|', frames))).toBe('  --|');
      expectObservable(chunked(cold('-n#', frames))).toBe('  --#');
      const silent = cold('nnnn', frames);
      expectObservable(chunked(silent), '^---!').toBe('      ----');
      expectSubscriptions(silent.subscriptions).toBe('      ^---!');
    });
  });

  it('should pass on what judging and naming throw', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const error = new Error('spec');
      const fail = () => {
        throw error;
      };
      const source = cold('ssss', frames);
      const createId = fail;
      expectObservable(chunked(source, { createId, minSpeech: 2 })).toBe('-#', {}, error);
      expectSubscriptions(source.subscriptions).toBe('^!');
      const undetected = cold('ss', frames).pipe(vadChunk(map(fail), { createId }, rxTest));
      expectObservable(undetected).toBe('#', {}, error);
    });
  });

  it('should begin by the defaults: 250 ms of speech, 300 ms of pre-roll', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const fifty = flatFrame(1, 800, 16_000);
      const judge: DetectSpeech = map((frame, i) => ({ frame, probability: i < 10 ? 0 : 1 }));
      const source = cold('(x|)', { x: fifty }).pipe(
        repeat({ count: 20, delay: 50 }),
        vadChunk(judge, { createId: () => '1' }, rxTest),
        mergeMap(({ startMs, audio }) => audio.pipe(map(() => startMs))),
      );
      // The 15th frame, at 700 ms, brings the 5th of speech and with it the 6 before the first.
      expectObservable(source.pipe(take(11), toArray())).toBe('700ms (a|)', {
        a: new Array(11).fill(450),
      });
    });
  });
});
