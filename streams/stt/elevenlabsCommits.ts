/** A stretch of speech that Scribe has committed to: told plainly, with its words, or both. */
export interface Commit {
  readonly text: string;
  readonly isPlain: boolean;
  /** The message that came with words, if it has come. */
  readonly timed: unknown;
}

/** One of the two messages that tell of a commit. */
export interface CommitMessage {
  readonly message_type: string;
  readonly text: string;
}

const PLAIN = 'committed_transcript';
const TIMED = 'committed_transcript_with_timestamps';

/** Whether a message of a session tells of a commit. */
export function isCommitMessage(message: unknown): message is CommitMessage {
  const { message_type, text } = Object(message) as Readonly<Record<string, unknown>>;
  return (message_type === PLAIN || message_type === TIMED) && typeof text === 'string';
}

/**
 * Adds what a message tells of a commit. Scribe tells of each one twice, with its words and without
 * them, in no certain order; the two have the same text.
 */
export function addCommit(commits: readonly Commit[], message: CommitMessage): readonly Commit[] {
  const { text } = message;
  const isPlain = message.message_type === PLAIN;
  const told = { text, isPlain, timed: isPlain ? undefined : message };
  const twin = commits.findIndex((commit) => commit.text === text && lacks(commit, isPlain));
  if (twin === -1) return [...commits, told];
  return commits.with(twin, { text, isPlain: true, timed: told.timed ?? commits[twin]?.timed });
}

function lacks({ isPlain, timed }: Commit, plain: boolean): boolean {
  return plain ? !isPlain : timed === undefined;
}
