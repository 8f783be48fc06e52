import { expect } from 'chai';
import {
  EMPTY,
  filter,
  from,
  map,
  NEVER,
  type Observable,
  of,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import {
  drained,
  playback,
  type PlaybackDeps,
  type PlaybackEvent,
} from '../../../lib/pipelines/playback.js';
import { MediaError } from '../../../operators/mediaError.js';
import type { PcmFrame, PlayCommand, StopCommand } from '../../../operators/types.js';
import { collect } from '../../support/collect.js';
import { flatFrame, joinSamples } from '../../support/frames.js';
import { createTestScheduler } from '../../support/testScheduler.js';

type Commands = Observable<PlayCommand | StopCommand>;

const play = (url: string, loop: boolean): PlayCommand => ({
  verb: 'play',
  id: `id of ${url}`,
  url,
  loop,
  onEnd: 'close',
});

/** A and B play once, H and J hold, S stops. */
const commands = {
  A: play('a', false),
  B: play('b', false),
  H: play('a', true),
  J: play('b', true),
  S: { verb: 'stop', id: 'id of stop', deleted: false } satisfies StopCommand,
};

/** Two assets' frames, 50 ms each: as long as those that leave. */
const frames = { a: flatFrame(1_000, 2_400), b: flatFrame(2_000, 2_400) };

/** a, b: frames of the assets; h: other frames; c: cut; p, s, e, f: answers; k: ended, the room kept; x: close. */
function letter(event: PlaybackEvent): string {
  if (event.type === 'frame') return { 1_000: 'a', 2_000: 'b' }[event.frame.samples.at(-1)!] ?? 'h';
  if (event.type !== 'answer') return event.type === 'cut' ? 'c' : 'x';
  const { status, error } = event.answer;
  return status === 'ended' && error ? 'k' : status.charAt(0);
}

const framesOf = (events: readonly PlaybackEvent[]): PcmFrame[] =>
  events.flatMap((event) => (event.type === 'frame' ? [event.frame] : []));

const answersOf = (source: Observable<PlaybackEvent>) =>
  source.pipe(
    filter((event) => event.type === 'answer'),
    map(({ answer }) => answer),
  );

/** An output with room, commands that stay the newest, a room that may be closed. */
const depsWith = (
  clips: Partial<Record<string, Observable<PcmFrame>>>,
  change: Partial<PlaybackDeps> = {},
): PlaybackDeps => ({
  clip: (url, pace) => (clips[url] ?? NEVER).pipe(pace),
  output: { queued: () => 0 },
  gain: 1,
  isNewest: () => true,
  kept: () => of(undefined),
  ...change,
});

describe('playback', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const letters = (source: Commands, deps: PlaybackDeps) =>
    playback(source, deps).pipe(map(letter));

  it('should let the newest command win, and give up the one before it', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -A-------B---------', commands);
      const a = cold('       --a---a----a--', frames);
      const b = cold('               --b---b---', frames);
      const subsA = '      -^-------!         ';
      const subsB = '      ---------^---------';
      const expected = '   -c-(ap)a-c-(bp)b---';
      expectObservable(letters(source, depsWith({ a, b }))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(subsA);
      expectSubscriptions(b.subscriptions).toBe(subsB);
    });
  });

  it('should start the same asset again where it is asked for once more', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -A-------A---------', commands);
      const a = cold('       --a---a----a--', frames);
      const subs = ['      -^-------!         ', '---------^---------'];
      const expected = '   -c-(ap)a-c-(ap)a----a';
      expectObservable(letters(source, depsWith({ a }))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(subs);
    });
  });

  it('should cut what is playing on stop', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -A-------S---', commands);
      const a = cold('       --a---a----a--', frames);
      const subs = '       -^-------!   ';
      const expected = '   -c-(ap)a-(cs)';
      expectObservable(letters(source, depsWith({ a }))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(subs);
    });
  });

  it('should answer a stop where nothing plays', () => {
    rxTest.run(({ hot, expectObservable }) => {
      expectObservable(letters(hot('-S--', commands), depsWith({}))).toBe('-(cs)');
    });
  });

  it('should never say that it plays what was stopped before it could be heard', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -A--S-----', commands);
      const a = cold('       -----a---', frames);
      const subs = '       -^--!     ';
      const expected = '   -c--(cs)--';
      expectObservable(letters(source, depsWith({ a }))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(subs);
    });
  });

  it('should close the room 500 ms after the end of what the output held', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A---------', commands);
      const a = cold('       --a---a--|', frames);
      const full = { output: { queued: () => 150 } };
      expectObservable(letters(source, depsWith({ a }))).toBe('      -c-(ap)a 502ms (ex)');
      expectObservable(letters(source, depsWith({ a }, full))).toBe('-c-(ap)a 652ms (ex)');
    });
  });

  it('should say why the room is kept, and keep it', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A---------', commands);
      const a = cold('       --a---a--|', frames);
      const kept = () => of('a reason');
      const result = playback(source, depsWith({ a }, { kept }));
      expectObservable(result.pipe(map(letter))).toBe('-c-(ap)a 502ms k');
      expectObservable(answersOf(result).pipe(map(({ error }) => String(error)))).toBe(
        '---u 506ms k',
        { u: 'undefined', k: 'room_kept: a reason' },
      );
    });
  });

  it('should ask why the room is kept when the asset has drained, not before', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -A-----        ', commands);
      const a = cold('       --a--|       ', frames);
      const kept = cold('    -----r       ', { r: undefined });
      const keptSubs = '   506ms ^--------';
      const expected = '   -c-(ap) 504ms (ex)';
      expectObservable(letters(source, depsWith({ a }, { kept: () => kept }))).toBe(expected);
      expectSubscriptions(kept.subscriptions).toBe(keptSubs);
    });
  });

  it('should say nothing about a single shot that has been superseded when it has drained', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A---------', commands);
      const a = cold('       --a---a--|', frames);
      const isNewest = ({ id }: PlayCommand) => id !== commands.A.id;
      expectObservable(letters(source, depsWith({ a }, { isNewest }))).toBe('-c-(ap)a--');
    });
  });

  it('should not close the room for a single shot that was replaced while it drained', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A----- 400ms B---', commands);
      const a = cold('       --a--|          ', frames);
      const expected = '   -c-(ap) 400ms c---';
      expectObservable(letters(source, depsWith({ a }))).toBe(expected);
    });
  });

  it('should play hold music from its start again and again, and never drain', () => {
    rxTest.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -H-----------------', commands);
      const a = cold('       ----a--|          ', frames);
      const subs = ['      -^------!          ', '--------^------!', '---------------^--!'];
      const unsub = '      ------------------!';
      const expected = '   -c---(ap)---a------';
      expectObservable(letters(source, depsWith({ a })), unsub).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(subs);
    });
  });

  it('should join the passes of a loop without a gap, whatever its length', () => {
    rxTest.run(({ flush }) => {
      let held = 0;
      const a = of(flatFrame(1_000, 3_000));
      const clip: PlaybackDeps['clip'] = (_, pace) =>
        a.pipe(
          pace,
          tap(() => (held += 62.5)),
        );
      const deps = depsWith({}, { clip, output: { queued: () => held } });
      const events = collect(playback(of(commands.H), deps).pipe(takeUntil(timer(10))));
      flush();
      const heard = framesOf(events);
      expect(heard.map(({ samples }) => samples.length)).to.deep.equal(Array(5).fill(2_400));
      expect([...new Set(joinSamples(heard).subarray(960))]).to.deep.equal([1_000]);
    });
  });

  it('should scale, fade in, and end on a multiple of 10 ms', () => {
    rxTest.run(({ flush }) => {
      const source = of(commands.A);
      const deps = depsWith({ a: of(flatFrame(1_000, 2_500)) }, { gain: 0.5 });
      const [first, rest] = framesOf(collect(playback(source, deps)));
      flush();
      expect(first!.samples[0]).to.equal(0);
      expect(first!.samples[480]).to.be.within(350, 357);
      expect([...new Set(first!.samples.subarray(960))]).to.deep.equal([500]);
      expect(rest!.samples).to.have.length(480);
      expect([rest!.samples[99], rest!.samples[100]]).to.deep.equal([500, 0]);
    });
  });

  it('should keep 200 ms ahead of the listener, and no more', () => {
    rxTest.run(({ flush }) => {
      let end = 0;
      const output = { queued: () => Math.max(0, end - rxTest.now()) };
      const written = tap((event: PlaybackEvent) => {
        if (event.type === 'frame') end = Math.max(end, rxTest.now()) + 50;
      });
      const a = from(Array.from({ length: 6 }, () => frames.a));
      const events = collect(
        playback(of(commands.A), depsWith({ a }, { output })).pipe(
          written,
          map((event) => `${rxTest.now()}${letter(event)}`),
        ),
      );
      flush();
      expect(events.join(' ')).to.equal('0c 0a 0p 0a 0a 0a 1a 51a 800e 800x');
    });
  });

  it('should cut, say why, and not close the room, when the asset cannot be had', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A---------     ', commands);
      const late = cold('    --a---#        ', frames, new MediaError('asset_unreachable', 'torn'));
      const never = cold<PcmFrame>('--#', {}, new MediaError('asset_refused', 'no'));
      expectObservable(letters(source, depsWith({ a: never }))).toBe('-c-(cf)');
      expectObservable(letters(source, depsWith({ a: late }))).toBe(' -c-(ap)(cf)');
    });
  });

  it('should name the failure of the asset, and blame the asset for any other', () => {
    const failure = (error: Error) =>
      collect(answersOf(playback(of(commands.A), depsWith({ a: throwError(() => error) })))).map(
        ({ status, error: answered }) => [status, String(answered), answered?.cause],
      );
    const refused = new MediaError('asset_refused', 'no');
    expect(failure(refused)).to.deep.equal([['failed', 'asset_refused: no', undefined]]);
    const other = new Error('unknown');
    const [[status, text, cause] = []] = failure(other);
    expect(status).to.equal('failed');
    expect(text)
      .to.match(/^asset_undecodable: ./)
      .and.not.include('unknown');
    expect(cause).to.equal(other);
  });

  it('should silence what was playing when its successor cannot be had', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -H-------B-----', commands);
      const a = cold('       --a----------', frames);
      const b = cold<PcmFrame>('       --#');
      const expected = '   -c-(ap)--c-(cf)';
      expectObservable(letters(source, depsWith({ a, b }))).toBe(expected);
    });
  });

  it('should carry out the next command after a failure', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A------B-----', commands);
      const a = cold<PcmFrame>('--#');
      const b = cold('              --b---', frames);
      const expected = '   -c-(cf)-c-(bp)';
      expectObservable(letters(source, depsWith({ a, b }))).toBe(expected);
    });
  });

  const unplayable = {
    'cannot be had': throwError(() => new MediaError('asset_unreachable', 'gone')),
    'holds no sound': EMPTY,
  };
  for (const [what, a] of Object.entries(unplayable)) {
    it(`should play the hold tone where hold music ${what}, until the next command`, () => {
      rxTest.run(({ hot, expectObservable }) => {
        let held = 0;
        const written = tap((event: PlaybackEvent) => event.type === 'frame' && (held += 50));
        const output = { queued: () => held };
        const source = hot('     -H---------S--', commands);
        const expected = '       -(ccfhhhh)-(cs)';
        const result = playback(source, depsWith({ a }, { output })).pipe(written);
        expectObservable(result.pipe(map(letter))).toBe(expected);
      });
    });
  }

  it('should answer failed when it cannot be found out whether the room is kept', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A---     ', commands);
      const a = cold('       --(a|)', frames);
      const kept = () => throwError(() => new Error('no answer'));
      expectObservable(letters(source, depsWith({ a }, { kept }))).toBe('-c-(ap) 496ms (cf)');
    });
  });

  it('should do nothing without a command', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(letters(cold('----', commands), depsWith({}))).toBe('----');
      expectObservable(letters(cold('--|', commands), depsWith({}))).toBe(' --|');
    });
  });

  it('should finish the last command when there will be no other', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const a = cold('                    --a--|       ', frames);
      expectObservable(letters(cold('   -A|', commands), depsWith({ a }))).toBe(
        '-c-(ap) 499ms (ex|)',
      );
      expectObservable(letters(cold('   -(S|)', commands), depsWith({}))).toBe('-(cs|)');
    });
  });

  it('should pass an error of the commands on, and give up the asset', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-A------#', commands);
      const a = cold('       --a---a--', frames);
      const subs = '       -^------!';
      const expected = '   -c-(ap)a#';
      expectObservable(letters(source, depsWith({ a }))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(subs);
    });
  });

  it('should give up the asset when unsubscribed early', () => {
    rxTest.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot(' -A-------', commands);
      const a = cold('       --a---a---', frames);
      const unsub = '      ------!  ';
      const subs = '       -^----!  ';
      expectObservable(letters(source, depsWith({ a })), unsub).toBe('-c-(ap)');
      expectSubscriptions(a.subscriptions).toBe(subs);
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    });
  });

  it('should answer failed when asking the output or for the newest command throws', () => {
    rxTest.run(({ cold, hot, expectObservable }) => {
      const source = hot(' -A---     ', commands);
      const a = cold('       --(a|)', frames);
      const fail = () => {
        throw new Error('closed');
      };
      expectObservable(letters(source, depsWith({ a }, { output: { queued: fail } }))).toBe(
        '-c-(cf)',
      );
      expectObservable(letters(source, depsWith({ a }, { isNewest: fail }))).toBe(
        '-c-(ap) 496ms (cf)',
      );
    });
  });
});

describe('drained', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  it('should wait for what is said about the room, and then see whether it still matters', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const kept = cold(' ---(r|)', { r: undefined });
      const subs = '      ^--!   ';
      const asked: number[] = [];
      const isNewest = () => asked.push(rxTest.now()) > 0;
      const result = drained(commands.A, depsWith({}, { kept: () => kept, isNewest }));
      expectObservable(result.pipe(map(letter))).toBe('---(ex|)');
      expectSubscriptions(kept.subscriptions).toBe(subs);
      rxTest.flush();
      expect(asked).to.deep.equal([3]);
    });
  });
});
