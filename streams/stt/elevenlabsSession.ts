import {
  distinctUntilChanged,
  EMPTY,
  map,
  type Observable,
  of,
  type OperatorFunction,
  pipe,
  scan,
  switchMap,
  take,
  timer,
} from 'rxjs';
import { SttError } from '../../operators/sttError.js';
import type { Milliseconds } from '../../operators/types.js';
import { addCommit, type Commit, isCommitMessage } from './elevenlabsCommits.js';
import { readElevenLabsError } from './elevenlabsError.js';

/** What happens in a session. */
export type SessionEvent =
  /** The server has said something, in JSON; `undefined` where it was none. */
  | { readonly type: 'message'; readonly message: unknown }
  /** All of the utterance has been sent, and the server asked to commit to it. */
  | { readonly type: 'asked' }
  /** The server has closed the connection. */
  | { readonly type: 'closed'; readonly code: number };

interface Session {
  readonly commits: readonly Commit[];
  /** How many commits there were when the last one was asked for: its own place among them. */
  readonly asked?: number;
  /** No more will come. */
  readonly isOver?: boolean;
}

/**
 * Scribe's two messages about a commit come together as a rule. Without the second one there is the
 * text already; what is missing is the confidence.
 */
const TWIN_DELAY: Milliseconds = 300;

/**
 * Waits for the text of one utterance, and keeps what was committed to of it before its end.
 *
 *     source  -c--?--c---C-----|      c: a commit, ?: asked, C: the commit again, with its words
 *     result  -----------([cC]|)
 *
 * A commit that is told of without its words is complete after 300 ms, or when the server closes. A
 * refusal to commit to hardly any audio (`commit_throttled`) ends the wait too: nothing is left to
 * come. Messages of other types are passed over.
 *
 * Errors: SttError. As the server says (`readElevenLabsError`); `retry` where it closes before the
 * text has come.
 */
export function collectCommits(): OperatorFunction<SessionEvent, readonly Commit[]> {
  return pipe(
    scan(next, { commits: [] }),
    distinctUntilChanged(),
    switchMap(whenComplete),
    take(1),
    map(({ commits }) => commits),
  );
}

function next(session: Session, event: SessionEvent): Session {
  switch (event.type) {
    case 'asked':
      return { ...session, asked: session.commits.length };
    case 'closed':
      if (answerOf(session)) return { ...session, isOver: true };
      throw new SttError('retry', `ElevenLabs closed the connection: ${event.code}`);
    case 'message':
      return hear(session, event.message);
  }
}

function hear(session: Session, message: unknown): Session {
  if (isCommitMessage(message)) {
    return { ...session, commits: addCommit(session.commits, message) };
  }
  const error = readElevenLabsError(message);
  if (error === undefined) return session;
  const { message_type } = message as { readonly message_type: string };
  if (message_type !== 'commit_throttled') throw error;
  return { ...session, isOver: session.asked !== undefined };
}

function answerOf({ commits, asked }: Session): Commit | undefined {
  return asked === undefined ? undefined : commits[asked];
}

function whenComplete(session: Session): Observable<Session> {
  const answer = answerOf(session);
  if (session.isOver || answer?.timed) return of(session);
  return answer ? timer(TWIN_DELAY).pipe(map(() => session)) : EMPTY;
}
