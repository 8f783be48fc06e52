import { expect } from 'chai';
import { catchError, map, type Observable, of, pipe } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { SttError } from '../../../operators/sttError.js';
import { collectCommits, type SessionEvent } from '../../../streams/stt/elevenlabsSession.js';
import { createTestScheduler } from '../../support/testScheduler.js';

const told = (message: unknown): SessionEvent => ({ type: 'message', message });
const plain = (text: string) => told({ message_type: 'committed_transcript', text });
const timed = (text: string) =>
  told({ message_type: 'committed_transcript_with_timestamps', text, words: [] });
const failed = (message_type: string) => told({ message_type, error: 'why' });

/** Small: plain, capital: with its words. */
const events: Readonly<Record<string, SessionEvent>> = {
  a: plain('one'),
  A: timed('one'),
  b: plain('two'),
  B: timed('two'),
  '?': { type: 'asked' },
  x: { type: 'closed', code: 1000 },
  t: failed('commit_throttled'),
  q: failed('quota_exceeded'),
  r: failed('rate_limited'),
  l: failed('error_of_a_later_protocol'),
  m: told({ message_type: 'partial_transcript', text: 'one' }),
  w: told({ message_type: 'warning', warning: 'w' }),
  j: told(undefined),
};

/** Each commit as its text, with an exclamation mark where its words are known. */
const texts = () =>
  pipe(
    collectCommits(),
    map((commits) => commits.map(({ text, timed }) => (timed ? `${text}!` : text)).join(' ')),
    catchError((error: unknown) => of((error as SttError).kind)),
  );

describe('collectCommits', () => {
  let rxTest: TestScheduler;
  beforeEach(() => {
    rxTest = createTestScheduler();
  });

  const cases: Readonly<Record<string, readonly [string, string, string]>> = {
    'complete as soon as the words are there': ['?--a-A--', '-----(r|)', 'one!'],
    'not wait for the plain text': ['?--A--a--', '---(r|)', 'one!'],
    'wait for the answer': ['?-mmwj---', '---------', ''],
    'wait to be asked': ['a-A--b-B-', '---------', ''],
    'keep what was committed to before, once': ['aA-?--b-B', '--------(r|)', 'one! two!'],
    'keep it in whatever order it is told': ['A-a?-Bb--', '-----(r|)', 'one! two!'],
    'take a late twin for what it is': ['A---?-a-B', '--------(r|)', 'one! two!'],
    'take the same words twice for two commits': ['aA-?-a-A', '-------(r|)', 'one! one!'],
    'keep a text whose words never came': ['a-?-B---', '----(r|)', 'one two!'],
    'complete when the server closes after the text': ['?-a-x---', '----(r|)', 'one'],
    'complete when nothing is left to commit to': ['aA--?-t-', '------(r|)', 'one!'],
    'complete with nothing where nothing was said': ['?-t-----', '--(r|)', ''],
    'not mind a throttling that is about nothing': ['t-?-aA--', '-----(r|)', 'one!'],
    'fail where the server closes before the text': ['?---x---', '----(r|)', 'retry'],
    'fail where it closes in mid-speech': ['aA--x---', '----(r|)', 'retry'],
    'fail at once where something is wrong': ['--q-----', '--(r|)', 'fatal'],
    'fail where there is too much of it': ['?-r-----', '--(r|)', 'throttle'],
    'fail for what it does not know': ['?-l-----', '--(r|)', 'retry'],
    'complete without a result where the server is done': ['?-m-|', '----|', ''],
  };
  for (const [what, [source, expected, r]] of Object.entries(cases)) {
    it(`should ${what}`, () => {
      rxTest.run(({ cold, expectObservable }) => {
        expectObservable(cold(source, events).pipe(texts())).toBe(expected, { r });
      });
    });
  }

  const waits: Readonly<Record<string, readonly [string, string, string]>> = {
    'wait 300 ms for the words': ['?--a----', '--- 300ms (r|)', 'one'],
    'not wait any longer for what is no word': ['?--a- 99ms m-j-w', '--- 300ms (r|)', 'one'],
  };
  for (const [what, [source, expected, r]] of Object.entries(waits)) {
    it(`should ${what}`, () => {
      rxTest.run(({ cold, expectObservable }) => {
        expectObservable(cold(source, events).pipe(texts())).toBe(expected, { r });
      });
    });
  }

  it('should let the session go when it has the text', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const session = cold('?-A---', events);
      expectObservable(session.pipe(texts())).toBe('--(r|)', { r: 'one!' });
      expectSubscriptions(session.subscriptions).toBe('^-!');
    });
  });

  it('should let the session go, and not wait, when it is unsubscribed', () => {
    rxTest.run(({ cold, expectObservable, expectSubscriptions }) => {
      const session = cold('?-a---', events);
      expectObservable(session.pipe(texts()), '^---!').toBe('-----');
      expectSubscriptions(session.subscriptions).toBe('^---!');
    });
  });

  it('should pass an error of the connection on', () => {
    rxTest.run(({ cold, expectObservable }) => {
      const session: Observable<SessionEvent> = cold('?-a#', events);
      expectObservable(session.pipe(collectCommits())).toBe('---#');
    });
  });

  it('should name the error, or the code with which the server closed', () => {
    const messages: string[] = [];
    const remember = (error: Error) => messages.push(error.message);
    for (const event of [events.q!, events.x!]) {
      of(event).pipe(collectCommits()).subscribe({ error: remember });
    }
    expect(messages).to.deep.equal([
      'ElevenLabs: quota_exceeded',
      'ElevenLabs closed the connection: 1000',
    ]);
  });
});
