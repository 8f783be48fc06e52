import { randomUUID } from 'node:crypto';
import { ParticipantKind } from '@livekit/rtc-node';
import {
  concat,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  pipe,
  ReplaySubject,
  retry,
  shareReplay,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
  withLatestFrom,
} from 'rxjs';
import { adoptSpeech } from '../../operators/adoptSpeech.js';
import { fullJitter, type Growth } from '../../operators/fullJitter.js';
import { activeHolds } from '../../operators/holdLedger.js';
import { isSttCommanded } from '../../operators/isSttCommanded.js';
import { MediaError } from '../../operators/mediaError.js';
import { parseDispatch } from '../../operators/parseDispatch.js';
import type { SttCommand } from '../../operators/parseSttCommand.js';
import { sttByLanguage } from '../../operators/sttByLanguage.js';
import { sttCommands } from '../../operators/sttCommands.js';
import { type SpokenTranscript, transcriptPacket } from '../../operators/transcriptPacket.js';
import { transcriptReceivers } from '../../operators/transcriptReceivers.js';
import type { EpochMilliseconds, LanguageTag, Utterance } from '../../operators/types.js';
import { untilYielded } from '../../operators/untilYielded.js';
import { vadChunk } from '../../operators/vadChunk.js';
import { withSentiment } from '../../operators/withSentiment.js';
import { fromAudioTrack, VOICE_FRAME } from '../../streams/fromAudioTrack.js';
import { fromOwnAttributes } from '../../streams/fromOwnAttributes.js';
import { fromSubscribedTracks, type SubscribedTrack } from '../../streams/fromSubscribedTracks.js';
import { toDataChannel, type TranscriptMessage } from '../../streams/toDataChannel.js';
import type { HostTranscriber } from '../stt/hostTranscriber.js';
import { logAnswer } from './logAnswer.js';
import type { RoomHolds } from './roomHolds.js';
import type { ServiceEvent } from './serviceEvent.js';
import { SpeechProgress } from './speechProgress.js';
import { isHuman, type TargetDeps } from './target.js';
import { toOwnAttributes } from './toOwnAttributes.js';

const RETRY: Growth = { first: 250, longest: 10_000 };

/** Tracks of one call that are remembered: more than are ever there at a time. */
const MOST_TRACKS = 64;

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
function commands({ room, metadata, logger, handover }: TranscriptionDeps): Observable<SttCommand> {
  const { stt, problem } = parseDispatch(metadata);
  if (problem !== undefined) logger.warn('dispatch metadata ignored', { error: problem });
  return handover.predecessor$.pipe(
    take(1),
    map((before) => (before && isSttCommanded(before.attributes) ? {} : stt)),
    mergeMap((dispatched) => fromOwnAttributes(room).pipe(sttCommands(dispatched))),
  );
}

/** Answers each command on the bot's own participant. */
function answer(deps: TranscriptionDeps): OperatorFunction<SttCommand, never> {
  const { identity, logger, transcriber } = deps;
  const statusOf = { start: 'running', stop: 'stopped', invalid: 'failed' } as const;
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
    toOwnAttributes(deps, 'answer not written'),
  );
}

type Spoken = Omit<SpokenTranscript, 'held'>;
type SpokenUtterance = Utterance & Pick<Spoken, 'speaker' | 'commandId'>;
type Heard = Extract<ServiceEvent, { type: 'heard' }>;

const isHeard = (event: SpokenUtterance | Spoken | Heard): event is Heard => 'type' in event;
const isUtterance = (event: SpokenUtterance | Heard): event is SpokenUtterance => 'audio' in event;
const isText = (event: Spoken | Heard): event is Spoken => 'text' in event;

/** For how long voices are heard, and how far that has got. */
interface Term {
  readonly running$: Observable<Running>;
  /** Another bot is to hear them. */
  readonly yield$: Observable<unknown>;
  /** All is known that had been said by then. */
  readonly settled$: Observable<unknown>;
  readonly progress: SpeechProgress;
}

const logFailure =
  ({ logger }: TranscriptionDeps, identity: string) =>
  (message: string, details?: object) =>
  (error: unknown) =>
    void logger.warn(message, { identity, error, ...details });

/** What one voice says, for as long as its track is there; and what it had begun to say then. */
function voice(
  { track, publication, participant }: SubscribedTrack,
  { running$, yield$, settled$, progress }: Term,
  deps: TranscriptionDeps,
): Observable<SpokenUtterance | Heard> {
  const { identity, name = '', kind } = participant;
  const trackSid = publication.sid ?? '';
  const speaker = { identity, name, kind: ParticipantKind[kind], trackSid };
  const onDropped = () => deps.metrics.transcription.dropped(VOICE_FRAME);
  const yielded$ = deps.handover.adopted$.pipe(map((speech) => speech[trackSid]));
  return defer(() => fromAudioTrack(deps.room, track, onDropped)).pipe(
    connect((frame$) =>
      merge(
        frame$.pipe(
          take(1),
          map(() => ({ type: 'heard', trackSid }) as const),
          takeUntil(yield$),
        ),
        frame$.pipe(
          vadChunk(progress.follow(trackSid, deps.transcriber.detect), { createId: randomUUID }),
          withLatestFrom(running$),
          map(([utterance, { id }]) => ({ ...utterance, speaker, commandId: id })),
          adoptSpeech(yielded$),
          untilYielded(settled$),
          mergeMap((utterance) => progress.note(trackSid, utterance)),
        ),
      ),
    ),
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
function texts(
  identity: string,
  running$: Observable<Running>,
  deps: TranscriptionDeps,
): OperatorFunction<SpokenUtterance, Spoken> {
  const { transcriber } = deps;
  const metrics = deps.metrics.transcription;
  const log = logFailure(deps, identity);
  return pipe(
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

/**
 * The words of everybody on these tracks, until another bot is to hear them: then it tells what of
 * them is finished here, and completes when that is done.
 */
function hearing(
  tracks$: Observable<SubscribedTrack>,
  running$: Observable<Running>,
  publish: OperatorFunction<Spoken, never>,
  deps: TranscriptionDeps,
): Observable<ServiceEvent> {
  const { duty$ } = deps.handover;
  return defer(() => {
    const progress = new SpeechProgress();
    const yield$ = duty$.pipe(filter((duty) => duty === 'yielding'));
    const settled$ = yield$.pipe(
      take(1),
      switchMap(() => progress.caughtUp()),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    const yielded$ = settled$.pipe(
      map(() => ({ type: 'yielded', last: progress.told() }) as const),
    );
    const heardTracks$ = tracks$.pipe(
      filter(({ track, publication }) => publication.track === track),
      takeUntil(yield$),
    );
    const voice$ = heardTracks$.pipe(
      groupBy(({ participant }) => participant.identity),
      mergeMap((theirs$) =>
        theirs$.pipe(
          mergeMap((subscribed) =>
            voice(subscribed, { running$, yield$, settled$, progress }, deps),
          ),
          connect((heard$) =>
            merge(
              heard$.pipe(filter(isHeard)),
              heard$.pipe(filter(isUtterance), texts(theirs$.key, running$, deps)),
            ),
          ),
        ),
      ),
      connect((heard$) =>
        merge(heard$.pipe(filter(isHeard)), heard$.pipe(filter(isText), publish)),
      ),
    );
    return concat(merge(yielded$, voice$), of({ type: 'finished' } as const));
  });
}

/**
 * Every human's words while transcription is on, and while no other bot is to hear them; what was
 * being said at the end of either is finished.
 */
function people(
  running$: Observable<Running>,
  publish: OperatorFunction<Spoken, never>,
  deps: TranscriptionDeps,
): Observable<ServiceEvent> {
  const inCharge$ = deps.handover.duty$.pipe(
    map((duty) => duty !== 'yielding'),
    distinctUntilChanged(),
  );
  return running$.pipe(
    map(({ verb }) => verb === 'start'),
    distinctUntilChanged(),
    switchMap((on) => (on ? fromSubscribedTracks(deps.room, isHuman) : EMPTY)),
    connect(
      (tracks$) =>
        merge(
          // Subscribed to for as long as something that has begun is still being said.
          tracks$.pipe(ignoreElements()),
          inCharge$.pipe(
            filter(Boolean),
            mergeMap(() => hearing(tracks$, running$, publish, deps)),
          ),
        ),
      // For the case that the other bot goes, and this one hears them again.
      { connector: () => new ReplaySubject(MOST_TRACKS) },
    ),
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
 * attributes ask for it. Emits whom it hears, and what becomes of that when another bot relieves
 * this one.
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
): Observable<ServiceEvent> {
  const { room, logger, metrics } = deps;
  return defer(() => {
    let seq = 0;
    const publish: OperatorFunction<Spoken, never> = pipe(
      map((transcript) => ({ transcript, seq: (seq += 1) })),
      toDataChannel(room, address(holds$, deps), (error, { transcript }) => {
        metrics.transcription.lost('none', transcript.endMs - transcript.startMs);
        logger.warn('transcript not sent', { error });
      }),
      tap(({ packet, startMs, endMs }) =>
        metrics.transcription.published(packet.provider, endMs - startMs, Date.now() - endMs),
      ),
      ignoreElements(),
    );
    return commands(deps).pipe(
      connect((commands$) => {
        // Whoever begins to speak later needs the command in force.
        const running$ = commands$.pipe(
          filter(isValid),
          shareReplay({ bufferSize: 1, refCount: true }),
        );
        return merge(commands$.pipe(answer(deps)), people(running$, publish, deps));
      }),
    );
  });
}
