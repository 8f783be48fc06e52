import { ParticipantKind, type RemoteParticipant, type Room } from '@livekit/rtc-node';
import type { RoomServiceClient } from 'livekit-server-sdk';
import {
  catchError,
  combineLatest,
  concat,
  concatMap,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  pipe,
  retry,
  scan,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { answerAttributes } from '../../operators/answerAttributes.js';
import { distinctByCommandId } from '../../operators/distinctByCommandId.js';
import { fullJitter, type Growth } from '../../operators/fullJitter.js';
import { parseCommand } from '../../operators/parseCommand.js';
import { recallCommand } from '../../operators/recallCommand.js';
import { refuseCommand, type TargetTraits } from '../../operators/refuseCommand.js';
import { roomKept } from '../../operators/roomKept.js';
import { ownCommand, type OwnedCommand } from '../../operators/handoverDuty.js';
import type {
  Answer,
  Attributes,
  AudioOutput,
  Command,
  LeaveCommand,
  Milliseconds,
  PlayCommand,
  StopCommand,
} from '../../operators/types.js';
import { audioOutput } from '../../streams/audioOutput.js';
import { closeRoom } from '../../streams/closeRoom.js';
import { fromAttributes } from '../../streams/fromAttributes.js';
import { type PrivateTrack, PublicationInterrupted } from '../../streams/privateTracks.js';
import { toAttributes } from '../../streams/toAttributes.js';
import { toAudioTrack } from '../../streams/toAudioTrack.js';
import type { Clips } from '../assets/clips.js';
import type { Settings } from '../config.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { HandoverState } from './handoverState.js';
import { logAnswer } from './logAnswer.js';
import { drained, failed, playback, type PlaybackDeps, type PlaybackEvent } from './playback.js';
import type { ServiceEvent } from './serviceEvent.js';
import { withOutput } from './withOutput.js';

/** Another bot sees to this target. */
const LEAVE: LeaveCommand = { verb: 'leave' };

const RETRY: Growth = { first: 250, longest: 10_000 };

const HUMAN_KINDS: readonly ParticipantKind[] = [
  ParticipantKind.STANDARD,
  ParticipantKind.SIP,
  ParticipantKind.CONNECTOR,
];

/** What serving the participants of one room needs. */
export interface TargetDeps {
  readonly room: Room;
  /** Everybody in the room, the newest list first. */
  readonly participants$: Observable<readonly RemoteParticipant[]>;
  readonly roomName: string;
  /** The bot's own. */
  readonly identity: string;
  readonly api: RoomServiceClient;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Of a bot that relieves another, or is relieved. */
  readonly handover: HandoverState;
  /** Publishes a track that only this listener can hear. */
  publishFor(listener: string): Observable<PrivateTrack>;
  /** Assets, shared by the calls of a host. */
  readonly clips: Clips;
}

/** Whether a participant is somebody with ears: the callers and human agents of a call. */
export const isHuman = ({ kind }: Pick<RemoteParticipant, 'kind'>): boolean =>
  HUMAN_KINDS.includes(kind);

/** Identities of the humans among them. */
export const humans = (participants: readonly RemoteParticipant[]): readonly string[] =>
  participants.filter(isHuman).map(({ identity }) => identity);

/** What decides whether this participant may be a target. */
export const traits = (participant: RemoteParticipant, { settings }: TargetDeps): TargetTraits => ({
  kind: ParticipantKind[participant.kind],
  human: isHuman(participant),
  commandsItself:
    !settings.allowSelfCommands &&
    participant.kind === ParticipantKind.STANDARD &&
    participant.info.permission?.canUpdateMetadata === true,
});

/** A participant's attribute map as it is now; empty where they are not in the room. */
export const attributesOf = ({ room }: TargetDeps, identity: string): Attributes =>
  room.remoteParticipants.get(identity)?.attributes ?? {};

/**
 * Emits once: the attribute maps of all other targets. Waits while the bot reconnects. Of those who
 * command themselves the bot obeys none, and what they write as its answers is no reason to stay.
 */
function others(deps: TargetDeps, identity: string): Observable<readonly Attributes[]> {
  const { participants$, room } = deps;
  const isOther = (participant: RemoteParticipant) => {
    const { human, commandsItself } = traits(participant, deps);
    return participant.identity !== identity && human && !commandsItself;
  };
  return participants$.pipe(
    filter(() => room.remoteParticipants.has(identity)),
    take(1),
    map((participants) => participants.filter(isOther).map(({ attributes }) => attributes)),
  );
}

/** Each command of one participant once, in the light of what an earlier bot did already. */
function newCommands(identity: string, deps: TargetDeps): Observable<Command> {
  return defer(() =>
    fromAttributes(deps.room, identity).pipe(
      map(parseCommand),
      distinctByCommandId(recallCommand(attributesOf(deps, identity)).executed),
    ),
  );
}

/** The same, and `leave` where another bot sees to the newest one. */
function commandsOf(identity: string, deps: TargetDeps): Observable<Command | LeaveCommand> {
  return combineLatest([
    fromAttributes(deps.room, identity).pipe(map(parseCommand)),
    deps.handover.duty$,
  ]).pipe(
    scan(
      (before: OwnedCommand | undefined, [command, duty]) => ({
        command,
        isOwn: ownCommand(command, duty, before),
      }),
      undefined,
    ),
    map((owned) => owned?.isOwn),
    distinctUntilChanged(),
    switchMap((isOwn) => (isOwn ? newCommands(identity, deps) : of(LEAVE))),
  );
}

/** Answers what may not be carried out and passes the rest on to playback. */
function obey(identity: string, deps: TargetDeps, playbackDeps: PlaybackDeps) {
  const refusal = (command: Command | LeaveCommand) => {
    if (command.verb === 'leave') return undefined;
    const participant = deps.room.remoteParticipants.get(identity);
    return participant && refuseCommand(command, traits(participant, deps));
  };
  const isAllowed = (
    command: Command | LeaveCommand,
  ): command is PlayCommand | StopCommand | LeaveCommand => refusal(command) === undefined;
  return connect((commands$: Observable<Command | LeaveCommand>) =>
    merge(
      commands$.pipe(
        filter((command) => command.verb !== 'leave'),
        map((command) => [command, refusal(command)] as const),
        concatMap(([{ id }, error]) => (error === undefined ? [] : [failed(id, error)])),
      ),
      playback(commands$.pipe(filter(isAllowed)), playbackDeps),
      checkAgain(identity, deps, playbackDeps).pipe(takeUntil(commands$)),
    ),
  );
}

/** A single shot that an earlier bot saw drain: that bot may not have lived to close the room. */
function checkAgain(
  identity: string,
  deps: TargetDeps,
  playbackDeps: PlaybackDeps,
): Observable<PlaybackEvent> {
  return defer(() => {
    const { drainedBefore } = recallCommand(attributesOf(deps, identity));
    return drainedBefore === undefined ? EMPTY : drained(drainedBefore, playbackDeps);
  });
}

/**
 * Emits the answer at once; a bot that is still to relieve another leaves answering to that one, and
 * gives it afterwards, where it is still asked for.
 */
function whenInCharge(answer: Answer, identity: string, deps: TargetDeps): Observable<Answer> {
  const { duty$ } = deps.handover;
  const isNewest = () => parseCommand(attributesOf(deps, identity)).id === answer.id;
  const later$ = duty$.pipe(
    filter((duty) => duty !== 'arriving'),
    take(1),
    filter(isNewest),
  );
  return duty$.pipe(
    take(1),
    mergeMap((duty) => (duty === 'arriving' ? later$ : of(duty))),
    map(() => answer),
  );
}

/** Makes playback happen: frames on the track, answers on the participant, the end of the room. */
function perform(
  identity: string,
  output: AudioOutput,
  deps: TargetDeps,
): OperatorFunction<PlaybackEvent, ServiceEvent> {
  const { api, roomName, logger, metrics } = deps;
  const log = (message: string) => (error: unknown) =>
    void logger.warn(message, { identity, error });
  const answer = toAttributes({ api, room: roomName, identity }, log('answer not written'));
  const close$ = defer(() => {
    logger.info('room to be closed');
    return closeRoom(api, roomName);
  }).pipe(
    catchError((error: unknown) => {
      log('room not closed')(error);
      return EMPTY;
    }),
  );
  return pipe(
    toAudioTrack<PlaybackEvent>(output, log('frame refused')),
    tap((event) => {
      if (event.type !== 'answer') return;
      metrics.playback.answered(event.answer);
      logAnswer(logger, { identity, ...event.answer });
    }),
    concatMap((event) =>
      event.type === 'close'
        ? close$
        : concat(
            of({ type: 'answered', identity } as const),
            whenInCharge(event.answer, identity, deps).pipe(map(answerAttributes), answer),
          ),
    ),
  );
}

/** Published for one listener; those who hear nothing get no track, and no command gets so far. */
function outputFor(identity: string, deps: TargetDeps): Observable<AudioOutput> {
  return defer(() => {
    const participant = deps.room.remoteParticipants.get(identity);
    if (participant === undefined || !isHuman(participant)) return EMPTY;
    const onUnderrun = (silence: Milliseconds) => deps.metrics.playback.ranDry(silence);
    return deps
      .publishFor(identity)
      .pipe(map(({ source, isOpen }) => audioOutput(source, isOpen, onUnderrun)));
  });
}

function serve(identity: string, output: AudioOutput, deps: TargetDeps): Observable<ServiceEvent> {
  const playbackDeps: PlaybackDeps = {
    clip: (url, pace) => deps.clips.clip(url, pace),
    output,
    gain: deps.settings.gain,
    isNewest: ({ id }) => parseCommand(attributesOf(deps, identity)).id === id,
    kept: (command) => others(deps, identity).pipe(map((maps) => roomKept(command, maps))),
  };
  return commandsOf(identity, deps).pipe(
    obey(identity, deps, playbackDeps),
    perform(identity, output, deps),
  );
}

/**
 * Serves one participant until unsubscribed: a human hears on a track of their own what their
 * attributes ask for; anybody else's commands are refused. Emits what has been answered.
 *
 *     subscribe   ^---------------------------!
 *     attributes  --play------stop----busy tone
 *     audio       ---~~~~~~~~~-----------~~~~~-
 *     answers     ---playing--stopped----playing, ended; the room closes
 *
 * What goes wrong is logged and tried again, and touches nobody else's stream.
 * Errors: `PublicationInterrupted` alone, which concerns the whole room.
 */
export function target(identity: string, deps: TargetDeps): Observable<ServiceEvent> {
  const { logger } = deps;
  return withOutput(outputFor(identity, deps), (output) => serve(identity, output, deps)).pipe(
    retry({
      delay: (error: unknown, attempt) => {
        if (error instanceof PublicationInterrupted) throw error;
        logger.warn('participant cannot be served', { identity, error });
        return timer(fullJitter(attempt, RETRY));
      },
    }),
  );
}
