import { map } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { sttCommands } from '../../operators/sttCommands.js';
import { createTestScheduler } from '../support/testScheduler.js';

const ON = { 'stt.enabled': 'true', 'stt.language': 'en' };
const attributes = {
  n: {},
  o: { ...ON, 'stt.command_id': 'o' },
  f: { 'stt.enabled': 'false', 'stt.command_id': 'f' },
  r: { ...ON, 'stt.command_id': 'o', 'stt.status': 'running', 'stt.status_command_id': 'o' },
  s: { 'stt.status': 'stopped' },
  b: { 'stt.enabled': 'maybe', 'stt.command_id': 'b' },
};
const verbs = { D: 'start', O: 'start', F: 'stop', X: 'stop', B: 'invalid' };

describe('sttCommands', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  function expectCommands(source: string, expected: string, dispatch?: typeof ON) {
    rxTest.run(({ cold, expectObservable }) => {
      const commands = cold(source, attributes).pipe(
        sttCommands(dispatch),
        map(({ verb }) => verb),
      );
      expectObservable(commands).toBe(expected, verbs);
    });
  }

  it('should ask for nothing where neither dispatch nor attributes do', () =>
    expectCommands('-n-n-|', '-----|'));

  it('should begin with what the dispatch asks for, once', () =>
    expectCommands('-n-n-|', '-D---|', ON));

  it('should obey the attributes rather than the dispatch', () =>
    expectCommands('-f-o-|', '-F-O-|', ON));

  it('should not repeat a command that has been answered', () =>
    expectCommands('-o-r-r-|', '-O-----|'));

  it('should take what is deleted for a stop, not for the dispatch', () =>
    expectCommands('-n-o-n-n-|', '-D-O-X---|', ON));

  it('should not obey the dispatch again after a stop, when the bot has rejoined', () =>
    expectCommands('-s-n-|', '-X---|', ON));

  it('should name what cannot be understood', () => expectCommands('-b-o-|', '-B-O-|'));

  it('should pass on an error', () => expectCommands('-o-#', '-O-#'));

  it('should complete with its source', () => expectCommands('--|', '--|'));

  it('should wait on a bot that is told nothing', () => expectCommands('---', '---'));

  it('should unsubscribe from the source early', () => {
    rxTest.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-o-f-', attributes);
      expectObservable(
        source.pipe(
          sttCommands(),
          map(({ verb }) => verb),
        ),
        '^-!',
      ).toBe('-O', verbs);
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });
});
