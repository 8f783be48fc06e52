import type { TestScheduler } from 'rxjs/testing';
import { distinctByCommandId } from '../../operators/distinctByCommandId.js';
import type { Command } from '../../operators/types.js';
import { createTestScheduler } from '../support/testScheduler.js';

const play = (id: string): Command => ({
  verb: 'play',
  id,
  url: 'https://assets.example/a.mp3',
  loop: false,
  onEnd: 'close',
});
const stop = (id: string): Command => ({ verb: 'stop', id, deleted: false });
const deletion = (id: string): Command => ({ verb: 'stop', id, deleted: true });

/** a, b: explicit plays; s: their stop; d: a's deletion; i: invalid; p: a play without an id. */
const commands: Record<string, Command> = {
  a: play('A'),
  b: play('B'),
  s: stop('S'),
  d: deletion('A'),
  e: deletion('E'),
  n: deletion('auto:0'),
  i: { verb: 'invalid', id: 'I', reason: 'no' },
  p: play('auto:1'),
  t: stop('auto:2'),
};

describe('distinctByCommandId', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const given = (marbles: string, expected: string, seed?: { id: string; verb: 'play' | 'stop' }) =>
    createTestScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(marbles, commands);
      const end = marbles.trim().length - 1;
      expectObservable(source.pipe(distinctByCommandId(seed))).toBe(expected, commands);
      expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(end - 1)}!`);
    });

  it('should execute an id once, however often its map is seen', () =>
    given(' -a-a-a-b-b-| ', '-a-----b---| '));

  it('should execute an id again after another one', () => given(' -a-b-a-| ', '     -a-b-a-| '));

  it('should let a stop through once', () => given(' -a-s-s-a-| ', '   -a-s---a-| '));

  it('should execute a stop with nothing playing', () => given(' -s-| ', '         -s-| '));

  it('should let the deletion of a play through once, although it carries the id of that play', () =>
    given(' -a-d-d-| ', '     -a-d---| '));

  it('should let the deletion through that has taken its id along', () =>
    given(' -a-n-| ', '       -a-n-| '));

  it('should not execute an explicit id again after its deletion, whatever id that had', () => {
    given('-a-d-a-| ', '      -a-d---| ');
    given('-a-n-a-| ', '      -a-n---| ');
  });

  it('should execute an id again where the deletion had an explicit id of its own', () =>
    given(' -a-e-e-a-| ', '   -a-e---a-| '));

  it('should play what has no id again after its deletion', () =>
    given(' -p-p-n-n-p-| ', ' -p---n---p-| '));

  it('should play what has no id again after a stop that has none either', () =>
    given(' -p-t-t-p-| ', '   -p-t---p-| '));

  it('should execute another id after a deletion', () => given(' -a-d-b-| ', '     -a-d-b-| '));

  it('should ignore a deletion where nothing was ever executed', () =>
    given(' -n-d-a-| ', '     -----a-| '));

  it('should ignore a deletion after a stop', () => given(' -a-s-n-d-| ', '   -a-s-----| '));

  it('should pass an invalid command once, and still know what it left playing', () =>
    given(' -a-i-i-d-| ', '   -a-i---d-| '));

  it('should ignore a deletion where only an invalid command came before', () =>
    given(' -i-n-| ', '       -i---| '));

  it('should begin with what an earlier bot has executed', () => {
    given('-a-b-| ', '        ---b-| ', { id: 'A', verb: 'play' });
    given('-d-| ', '          -d-| ', { id: 'A', verb: 'play' });
    given('-d-a-b-| ', '      -----b-| ', { id: 'A', verb: 'stop' });
  });

  it('should complete at once without a command', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Command>('|');
      expectObservable(source.pipe(distinctByCommandId())).toBe('|');
      expectSubscriptions(source.subscriptions).toBe('(^!)');
    });
  });

  it('should never emit without a command', () => {
    rxTest.run(({ cold, expectObservable }) => {
      expectObservable(cold<Command>('-').pipe(distinctByCommandId())).toBe('-');
    });
  });

  it('should pass an error', () =>
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-#', commands);
      const subs = '        ^--!';
      const expected = '    -a-#';
      expectObservable(source.pipe(distinctByCommandId())).toBe(expected, commands);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }));

  it('should stop listening when unsubscribed early', () =>
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-s-', commands);
      const unsub = '       ---!   ';
      const expected = '    -a--   ';
      expectObservable(source.pipe(distinctByCommandId()), unsub).toBe(expected, commands);
      expectSubscriptions(source.subscriptions).toBe(unsub.replace('-', '^'));
    }));

  it('should remember per subscription', () =>
    rxTest.run(({ cold, expectObservable }) => {
      const result = cold('-a-a-|', commands).pipe(distinctByCommandId());
      expectObservable(result).toBe('           -a---|', commands);
      expectObservable(result, '------^').toBe('-------a---|', commands);
    }));
});
