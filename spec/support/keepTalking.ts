import { withPause } from '../../bench/transcriptionRoom.js';
import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { Phrase } from '../../demo/providers/phrases/loadPhrases.js';

/** Longer than the pause that ends an utterance. */
const PAUSE_MS = 900;

/** Somebody who says one phrase after the other, each another one, until it is enough. */
export interface KeptTalking {
  /** Ends after the phrase that is being said; resolves with the texts of all. */
  readonly end: () => Promise<readonly string[]>;
}

/** Has somebody talk from now on, with a pause after each phrase. They are taken in turn. */
export function keepTalking(person: DemoParticipant, phrases: readonly Phrase[]): KeptTalking {
  const said: string[] = [];
  const enough = new AbortController();
  const talking = (async () => {
    while (!enough.signal.aborted) {
      const phrase = phrases[said.length % phrases.length]!;
      said.push(phrase.text);
      await person.say(withPause(phrase, PAUSE_MS));
    }
  })();
  return {
    end: async () => {
      enough.abort();
      await talking;
      return said;
    },
  };
}
