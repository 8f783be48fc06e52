import type { Holds } from './holdLedger.js';

/** Who is in a room and which audio tracks are published there, as far as isolation is concerned. */
export interface RoomAudio {
  readonly people: readonly {
    readonly identity: string;
    /** LiveKit's id of this stay in the room: another one after a full reconnect. */
    readonly sid: string;
    /** Any media bot: its tracks choose their listeners themselves, and it takes none. */
    readonly isBot: boolean;
  }[];
  readonly tracks: readonly { readonly sid: string; readonly owner: string }[];
}

/** What one listener shall be unsubscribed from and subscribed to: all of it, not what changed. */
export interface SubscriptionChange {
  readonly listener: string;
  /** The SID of the listener's stay; empty where they are not in the room. */
  readonly stay: string;
  /** Whether this listener is on hold. */
  readonly held: boolean;
  /** SIDs of the tracks to be unsubscribed from. */
  readonly hide: readonly string[];
  /** SIDs of the tracks to be subscribed to again. */
  readonly show: readonly string[];
}

/**
 * The subscriptions that make holds true: whoever is held hears nobody, and, where a hold hides
 * both ways, is heard by nobody; whoever was released hears, and is heard, as before.
 *
 * Media bots are left alone on both sides. A listener for whom nothing is to be done is left out;
 * one on hold who is not in the room is included, for nobody is told in time when they come back.
 *
 * @param bothWays whether a hold also hides the held party's voice from the others.
 */
export function isolationPlan(
  { people, tracks }: RoomAudio,
  { held, released }: Holds,
  bothWays: boolean,
): readonly SubscriptionChange[] {
  const bots = new Set(people.filter(({ isBot }) => isBot).map(({ identity }) => identity));
  const stays = new Map(people.map(({ identity, sid }) => [identity, sid]));
  const present = people.map(({ identity }) => identity).filter((identity) => !bots.has(identity));
  const concerned = (who: ReadonlySet<string>, listener: string, owner: string) =>
    who.has(listener) || (bothWays && who.has(owner));
  return [...new Set([...present, ...held])]
    .map((listener) => {
      const audible = tracks.filter(({ owner }) => owner !== listener && !bots.has(owner));
      const hide = audible.filter(({ owner }) => concerned(held, listener, owner));
      const show = audible
        .filter((track) => !hide.includes(track))
        .filter(({ owner }) => concerned(released, listener, owner));
      const sids = (list: typeof audible) => list.map(({ sid }) => sid);
      return {
        listener,
        stay: stays.get(listener) ?? '',
        held: held.has(listener),
        hide: sids(hide),
        show: sids(show),
      };
    })
    .filter(
      ({ listener, hide, show }) =>
        hide.length + show.length > 0 || held.has(listener) || released.has(listener),
    );
}
