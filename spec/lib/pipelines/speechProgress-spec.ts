import { expect } from 'chai';
import { concatMap, delay, map, NEVER, of, ReplaySubject } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { SpeechProgress } from '../../../lib/pipelines/speechProgress.js';
import type { DetectSpeech, PcmFrame, Utterance, UtteranceEnd } from '../../../operators/types.js';
import { createTestScheduler } from '../../support/testScheduler.js';

const TRACK = 'TR_voice';
const FRAME: PcmFrame = { samples: new Int16Array(512), sampleRate: 16_000 };

/** Takes so long for each frame. */
const slow =
  (ms: number): DetectSpeech =>
  (frames$) =>
    frames$.pipe(concatMap((frame) => of({ frame, probability: 1 }).pipe(delay(ms))));

describe('SpeechProgress', () => {
  let rxTest: TestScheduler;
  let progress: SpeechProgress;
  beforeEach(() => {
    rxTest = createTestScheduler();
    progress = new SpeechProgress();
  });

  /** One voice, by a detector that takes so long; and when all is judged that came until then. */
  function expectCaughtUp(source: string, takes: number, asked: string, expected: string) {
    rxTest.run(({ hot, expectObservable }) => {
      hot(source)
        .pipe(
          map(() => FRAME),
          progress.follow(TRACK, slow(takes)),
        )
        .subscribe();
      const caughtUp$ = hot(asked).pipe(
        concatMap(() => progress.caughtUp()),
        map(() => 'c'),
      );
      expectObservable(caughtUp$).toBe(expected);
    });
  }

  it('should have caught up where nobody is heard', () => expectCaughtUp('-', 1, '--a', '--c'));

  it('should wait for what has been heard and is not judged yet', () =>
    expectCaughtUp('f 9ms f 9ms f 9ms f', 100, '15ms a', '300ms c'));

  it('should wait for the first frame to be judged', () =>
    expectCaughtUp('f 19ms f', 100, '5ms a', '200ms c'));

  it('should not wait for a voice that is gone', () =>
    expectCaughtUp('f 49ms |', 10, '20ms a', '50ms c'));

  it('should wait no longer than 3 s', () => expectCaughtUp('f', 10_000, '-a', '3001ms c'));

  function utterance(startMs: number): [Utterance, ReplaySubject<UtteranceEnd>] {
    const end = new ReplaySubject<UtteranceEnd>(1);
    return [{ id: 'u', startMs, audio: NEVER, end }, end];
  }

  it('should tell that an utterance goes on up to what has been judged', () => {
    rxTest.run(({ hot, expectObservable }) => {
      hot('f 99ms f 99ms f')
        .pipe(
          map(() => FRAME),
          progress.follow(TRACK, slow(50)),
        )
        .subscribe();
      progress.note(TRACK, utterance(40)[0]).subscribe();
      const told$ = hot('220ms t').pipe(map(() => progress.told()));
      expectObservable(told$).toBe('220ms t', {
        t: { [TRACK]: { startMs: 40, endMs: 100, open: true } },
      });
    });
  });

  it('should tell where an utterance has ended', () => {
    const [said, end] = utterance(40);
    progress.note(TRACK, said).subscribe();
    end.next({ endMs: 70, by: 'pause' });
    expect(progress.told()).to.deep.equal({ [TRACK]: { startMs: 40, endMs: 70, open: false } });
  });

  it('should tell nothing of those who have said nothing', () => {
    expect(progress.told()).to.deep.equal({});
  });
});
