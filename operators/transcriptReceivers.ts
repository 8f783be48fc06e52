/** Somebody who may be sent a transcript. */
export interface Receiver {
  readonly identity: string;
  readonly isAgent: boolean;
}

/** Who is to be sent what is said in a room. */
export interface TranscriptAudience {
  readonly people: readonly Receiver[];
  /** Identities of those who are on hold. */
  readonly held: ReadonlySet<string>;
  /** `agents`: nobody but agents. */
  readonly to: 'all' | 'agents';
  /** Whether a hold hides the held party from the others, too. */
  readonly bothWays: boolean;
}

/**
 * Who is sent the words of a speaker: identities, or `everybody` where nobody is left out, for a
 * list would not reach hidden participants. Nobody on hold is sent anything; the words of somebody
 * on hold go to agents only where the hold hides both ways.
 */
export function transcriptReceivers(
  speaker: string,
  { people, held, to, bothWays }: TranscriptAudience,
): 'everybody' | readonly string[] {
  const agentsOnly = to === 'agents' || (bothWays && held.has(speaker));
  // Somebody on hold who is away may be back before the bot knows.
  if (!agentsOnly && held.size === 0) return 'everybody';
  return people
    .filter(({ identity, isAgent }) => !held.has(identity) && (isAgent || !agentsOnly))
    .map(({ identity }) => identity);
}
