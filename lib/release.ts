import { TrackType } from '@livekit/protocol';
import type { ParticipantInfo, RoomServiceClient } from 'livekit-server-sdk';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  takeUntil,
  timeout,
  timer,
} from 'rxjs';
import { answerAttributes } from '../operators/answerAttributes.js';
import { isSilenced } from '../operators/isSilenced.js';
import { isolationPlan, type RoomAudio } from '../operators/isolationPlan.js';
import { MediaError } from '../operators/mediaError.js';
import { parseCommand } from '../operators/parseCommand.js';
import type { Milliseconds } from '../operators/types.js';
import { isBot } from '../streams/roomBots.js';
import { toAttributes } from '../streams/toAttributes.js';
import { toSubscriptions } from '../streams/toSubscriptions.js';
import type { Settings } from './config.js';
import type { Logger } from './logger.js';

/** Longest wait for the release of a room's people: they must not keep a pod from ending. */
const DEADLINE: Milliseconds = 3_000;
/** Of which giving back what holds have taken may take so much. */
const UNHOLD_DEADLINE: Milliseconds = 1_500;
/** Later than any request of the isolation that was under way. */
const ONCE_MORE: Milliseconds = 500;

/** What a room's release needs: the server API alone, for the bot may be out of the room already. */
export interface ReleaseDeps {
  readonly api: RoomServiceClient;
  readonly roomName: string;
  /** Of the bot that goes. */
  readonly identity: string;
  readonly settings: Settings;
  readonly logger: Logger;
}

// The server SDK brings protocol types of its own, whose enum TypeScript takes for another.
const AUDIO: number = TrackType.AUDIO;

/** Whether another bot is there, which serves everybody, or is about to. */
function isServedOn(people: readonly ParticipantInfo[], deps: ReleaseDeps): boolean {
  return people.some(
    (person) => person.identity !== deps.identity && isBot(person, deps.settings.agentName),
  );
}

/** On hold, or about to be: that it stands is told a moment after it does. */
function isHeld({ attributes }: ParticipantInfo): boolean {
  const command = parseCommand(attributes);
  return attributes['media.held'] === 'true' || (command.verb === 'play' && command.loop);
}

/** Whether somebody hears something: an asset, or on hold the tone that stands in for it. */
function isServed(person: ParticipantInfo): boolean {
  const status = person.attributes['media.status'];
  const held = person.attributes['media.held'] === 'true';
  return held || status === 'playing' || (status === 'failed' && isHeld(person));
}

const roomAudio = (people: readonly ParticipantInfo[], { settings }: ReleaseDeps): RoomAudio => ({
  people: people.map((person) => ({
    identity: person.identity,
    sid: person.sid,
    isBot: isBot(person, settings.agentName),
  })),
  tracks: people.flatMap(({ identity, tracks }) =>
    tracks
      .filter(({ type }) => (type as number) === AUDIO)
      .map(({ sid }) => ({ sid, owner: identity })),
  ),
});

/** Gives everybody back what the holds have taken. */
function unhold(people: readonly ParticipantInfo[], deps: ReleaseDeps): Observable<never> {
  const released = new Set(people.filter(isHeld).map(({ identity }) => identity));
  const holds = { held: new Set<string>(), absent: new Set<string>(), released };
  const target = {
    api: deps.api,
    room: deps.roomName,
    isPresent: () => true,
    wasSilenced: (identity: string) =>
      people.some(
        (person) =>
          person.identity === identity &&
          isSilenced(person.attributes, person.permission?.canSubscribe),
      ),
  };
  if (released.size === 0) return EMPTY;
  const plan = isolationPlan(roomAudio(people, deps), holds, deps.settings.holdBothWays);
  return merge(of(plan), timer(ONCE_MORE).pipe(map(() => plan))).pipe(
    toSubscriptions(target),
    ignoreElements(),
    takeUntil(timer(UNHOLD_DEADLINE)),
  );
}

/** Tells somebody who is served that nobody serves them any more. */
function farewell(
  { identity, attributes }: ParticipantInfo,
  { api, roomName, logger }: ReleaseDeps,
): Observable<never> {
  const error = new MediaError('bot_gone', 'the media bot has left the room');
  const id = attributes['media.status_command_id'] ?? '';
  const answer = answerAttributes({ id, status: 'failed', error });
  return of({ ...answer, 'media.held': 'false' }).pipe(
    toAttributes({ api, room: roomName, identity }, (cause) =>
      logger.warn('release not written', { identity, error: cause }),
    ),
  );
}

/**
 * Leaves nobody deaf, or waiting for music, when no bot will be in the room: gives back what holds
 * have taken, then tells whoever was served. Where another bot is, it does nothing.
 *
 *     result   ----|     when it is done, or after 3 s
 *
 * Errors: none; a room that is gone has nobody to release.
 */
export function release(deps: ReleaseDeps): Observable<never> {
  return defer(() => deps.api.listParticipants(deps.roomName)).pipe(
    mergeMap((people) =>
      isServedOn(people, deps)
        ? EMPTY
        : concat(
            unhold(people, deps),
            merge(...people.filter(isServed).map((person) => farewell(person, deps))),
          ),
    ),
    catchError((error: unknown) => {
      deps.logger.warn('room not released', { error });
      return EMPTY;
    }),
    timeout({ first: DEADLINE, with: () => EMPTY }),
  );
}
