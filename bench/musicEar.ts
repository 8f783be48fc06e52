import type { Subscription } from 'rxjs';

import { now } from '../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../demo/participants/joinRoom.js';
import { carriesTone } from '../demo/toneRecognizer.js';

/** What somebody has heard since a moment, in milliseconds. */
export interface HeardSince {
  /** The longest time without music, that goes on or is over. */
  readonly gap: number;
  /** For how long the other tone was heard. */
  readonly leak: number;
}

/** Listens for as long as it takes, and remembers nothing but times. */
export interface MusicEar {
  /** From now on. */
  mark(): void;
  heard(): HeardSince;
  close(): void;
}

const WINDOW_MS = 20;
/** A tone that makes up this share of a window is heard in it. */
const SHARE = 0.1;

/**
 * Has somebody listen for music of one tone, and for another tone that ought not to be heard, in Hz.
 *
 * It does not matter whose track carries them: on a connection that carried somebody before, LiveKit
 * sends the next one, and the SDK goes on to call it by the old name.
 */
export function openMusicEar(person: DemoParticipant, hz: number, other?: number): MusicEar {
  let music = [now()];
  let leak = 0;
  const listening: Subscription = person.heard.subscribe({
    next: ({ at, samples }) => {
      if (carriesTone(samples, hz)) music.push(at);
      else if (other !== undefined && carriesTone(samples, other, SHARE)) leak += WINDOW_MS;
    },
    error: (error: unknown) => console.error(error),
  });
  return {
    mark: () => {
      // A gap begins with the last music before it.
      [music, leak] = [[Math.max(...music)], 0];
    },
    heard: () => {
      const times = [...music, now()].toSorted((a, b) => a - b);
      const gap = Math.max(...times.slice(1).map((at, index) => at - times[index]!));
      return { gap, leak };
    },
    close: () => listening.unsubscribe(),
  };
}
