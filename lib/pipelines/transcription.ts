import { randomUUID } from 'node:crypto';
import { ParticipantKind } from '@livekit/rtc-node';
import {
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  type GroupedObservable,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  type OperatorFunction,
  pipe,
  retry,
  shareReplay,
  switchMap,
  tap,
  timer,
  withLatestFrom,
} from 'rxjs';
import { fullJitter, type Growth } from '../../operators/fullJitter.js';
import { activeHolds } from '../../operators/holdLedger.js';
import { MediaError } from '../../operators/mediaError.js';
import { parseDispatch } from '../../operators/parseDispatch.js';
import type { SttCommand } from '../../operators/parseSttCommand.js';
import { sttByLanguage } from '../../operators/sttByLanguage.js';
import { sttCommands } from '../../operators/sttCommands.js';
import { type SpokenTranscript, transcriptPacket } from '../../operators/transcriptPacket.js';
import { transcriptReceivers } from '../../operators/transcriptReceivers.js';
import type { EpochMilliseconds, LanguageTag, Utterance } from '../../operators/types.js';
import { vadChunk } from '../../operators/vadChunk.js';
import { withSentiment } from '../../operators/withSentiment.js';
import { fromAudioTrack, VOICE_FRAME } from '../../streams/fromAudioTrack.js';
import { fromOwnAttributes } from '../../streams/fromOwnAttributes.js';
import { fromSubscribedTracks, type SubscribedTrack } from '../../streams/fromSubscribedTracks.js';
import { toAttributes } from '../../streams/toAttributes.js';
import { toDataChannel, type TranscriptMessage } from '../../streams/toDataChannel.js';
import type { HostTranscriber } from '../stt/hostTranscriber.js';
import { logAnswer } from './logAnswer.js';
import type { RoomHolds } from './roomHolds.js';
import { isHuman, type TargetDeps } from './target.js';

const RETRY: Growth = { first: 250, longest: 10_000 };

/** What transcribing the people of one room needs. */
export interface TranscriptionDeps extends TargetDeps {
  /** Of the dispatch: may say what transcription begins with. */
  readonly metadata: string;
  readonly transcriber: HostTranscriber;
}

/** A command that is in force. */
type Running = Exclude<SttCommand, { verb: 'invalid' }>;

const isValid = (command: SttCommand): command is Running => command.verb !== 'invalid';

/** What is asked of transcription, each command once: first by the dispatch, then by attributes. */
function commands({ room, metadata, logger }: TranscriptionDeps): Observable<SttCommand> {
  const { stt, problem } = parseDispatch(metadata);
  if (problem !== undefined) logger.warn('dispatch metadata ignored', { error: problem });
  return fromOwnAttributes(room).pipe(sttCommands(stt));
}

/** Answers each command on the bot's own participant. */
function answer(deps: TranscriptionDeps): OperatorFunction<SttCommand, never> {
  const { api, roomName, room, logger, transcriber } = deps;
  const statusOf = { start: 'running', stop: 'stopped', invalid: 'failed' } as const;
  const identity = room.localParticipant?.identity ?? '';
  return pipe(
    map((command) => ({
      id: command.id,
      status: statusOf[command.verb],
      provider: command.verb === 'start' ? transcriber.route(command.language).provider : '',
      error:
        command.verb === 'invalid' ? new MediaError('invalid_command', command.reason) : undefined,
    })),
    tap((answered) => logAnswer(logger, { identity, ...answered })),
    map(({ id, status, provider, error }) => ({
      'stt.status': status,
      'stt.status_command_id': id,
      'stt.provider': provider,
      'stt.error': error === undefined ? '' : String(error),
    })),
    toAttributes({ api, room: roomName, identity }, (error) =>
      logger.warn('answer not written', { identity, error }),
    ),
  );
}

type Spoken = Omit<SpokenTranscript, 'held'>;
type SpokenUtterance = Utterance & Pick<Spoken, 'speaker' | 'commandId'>;

const logFailure =
  ({ logger }: TranscriptionDeps, identity: string) =>
  (message: string, details?: object) =>
  (error: unknown) =>
    void logger.warn(message, { identity, error, ...details });

/** What one voice says, for as long as its track is there; and what it had begun to say then. */
function voice(
  { track, publication, participant }: SubscribedTrack,
  running$: Observable<Running>,
  deps: TranscriptionDeps,
): Observable<SpokenUtterance> {
  const { identity, name = '', kind } = participant;
  const trackSid = publication.sid ?? '';
  const speaker = { identity, name, kind: ParticipantKind[kind], trackSid };
  const onDropped = () => deps.metrics.transcription.dropped(VOICE_FRAME);
  return defer(() => fromAudioTrack(deps.room, track, onDropped)).pipe(
    vadChunk(deps.transcriber.detect, { createId: randomUUID }),
    withLatestFrom(running$),
    map(([utterance, { id }]) => ({ ...utterance, speaker, commandId: id })),
    // Whatever befalls one voice, the others are heard on.
    retry({
      delay: (error: unknown, attempt) => {
        logFailure(deps, identity)('voice lost')(error);
        return timer(fullJitter(attempt, RETRY)).pipe(
          // One that is opened on a track that has ended would never end itself.
          filter(() => publication.track === track),
        );
      },
      resetOnSuccess: true,
    }),
  );
}

/** What one person says, as text, in spoken order, on whichever of their tracks it was said. */
function person(
  tracks$: GroupedObservable<string, SubscribedTrack>,
  running$: Observable<Running>,
  deps: TranscriptionDeps,
): Observable<Spoken> {
  const { transcriber } = deps;
  const metrics = deps.metrics.transcription;
  const log = logFailure(deps, tracks$.key);
  return tracks$.pipe(
    mergeMap((subscribed) => voice(subscribed, running$, deps)),
    sttByLanguage({
      route: (language) => transcriber.route(language),
      language: running$.pipe(map(languageOf)),
      onFailure: (error, { provider }, _utterance, spoken) => {
        metrics.lost(provider, spoken);
        log('utterance not understood', { provider, seconds: spoken / 1000 })(error);
      },
      onLost: (_utterance, spoken) => {
        metrics.lost('none', spoken);
        log('utterance dropped', { seconds: spoken / 1000 })('too much speech waits');
      },
    }),
    withSentiment(transcriber.score, log('sentiment not scored')),
  );
}

const languageOf = (command: Running): LanguageTag | undefined =>
  command.verb === 'start' ? command.language : undefined;

/** Every human's words while transcription is on; what was being said at its end is finished. */
function people(running$: Observable<Running>, deps: TranscriptionDeps): Observable<Spoken> {
  return running$.pipe(
    map(({ verb }) => verb === 'start'),
    distinctUntilChanged(),
    switchMap((on) => (on ? fromSubscribedTracks(deps.room, isHuman) : EMPTY)),
    groupBy(({ participant }) => participant.identity),
    mergeMap((tracks$) => person(tracks$, running$, deps)),
  );
}

type Published = TranscriptMessage & {
  readonly packet: ReturnType<typeof transcriptPacket>;
  readonly startMs: EpochMilliseconds;
  readonly endMs: EpochMilliseconds;
};

/** A text with its place in the session. */
interface Numbered {
  readonly transcript: Spoken;
  readonly seq: number;
}

/** What is published of each text, and to whom, by who is there and on hold when it is sent. */
function address(
  holds$: Observable<RoomHolds>,
  { room, roomName, settings, participants$ }: TranscriptionDeps,
): OperatorFunction<Numbered, Published> {
  const session = room.localParticipant?.sid ?? '';
  return pipe(
    withLatestFrom(holds$, participants$),
    map(([{ transcript, seq }, { ledger }, participants]) => {
      const { held } = activeHolds(ledger, Date.now());
      const { speaker } = transcript;
      const people = participants.map(({ identity, kind }) => ({
        identity,
        isAgent: kind === ParticipantKind.AGENT,
      }));
      const audience = { people, held, to: settings.transcriptTo, bothWays: settings.holdBothWays };
      const spoken = { ...transcript, held: held.has(speaker.identity) };
      return {
        packet: transcriptPacket(spoken, { session, room: roomName }, seq),
        speaker,
        receivers: transcriptReceivers(speaker.identity, audience),
        startMs: transcript.startMs,
        endMs: transcript.endMs,
      };
    }),
  );
}

/**
 * Publishes what every human in the room says, as text with its sentiment, while the bot's own
 * attributes ask for it. Emits nothing.
 *
 *     attributes  --on-----------------off---
 *     voices      -----hello-----thanks------
 *     published   ----------T1----------T2---      T2: had begun before it was switched off
 *
 * What goes wrong with one voice is logged and tried again, and touches no other. Never errors.
 *
 * @see contract, "Transcription".
 */
export function transcription(
  holds$: Observable<RoomHolds>,
  deps: TranscriptionDeps,
): Observable<never> {
  const { room, logger, metrics } = deps;
  return commands(deps).pipe(
    connect((commands$) => {
      // Whoever begins to speak later needs the command in force.
      const running$ = commands$.pipe(
        filter(isValid),
        shareReplay({ bufferSize: 1, refCount: true }),
      );
      return merge(
        commands$.pipe(answer(deps)),
        people(running$, deps).pipe(
          map((transcript, index) => ({ transcript, seq: index + 1 })),
          toDataChannel(room, address(holds$, deps), (error, { transcript }) => {
            metrics.transcription.lost('none', transcript.endMs - transcript.startMs);
            logger.warn('transcript not sent', { error });
          }),
          tap(({ packet, startMs, endMs }) =>
            metrics.transcription.published(packet.provider, endMs - startMs, Date.now() - endMs),
          ),
          ignoreElements(),
        ),
      );
    }),
  );
}
