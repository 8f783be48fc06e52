export { adoptSpeech, type YieldedUtterance } from './adoptSpeech.js';
export { answerAttributes } from './answerAttributes.js';
export { baseLanguage } from './baseLanguage.js';
export { BOT_ATTRIBUTES } from './botAttributes.js';
export { botRivals, type RoomBot } from './botRivals.js';
export { type BotStanding, botStanding } from './botStanding.js';
export { type BoundedOptions, concatMapBounded } from './concatMapBounded.js';
export { decodeMp3, type DecodeOptions } from './decodeMp3.js';
export { distinctByCommandId } from './distinctByCommandId.js';
export { encodeWav } from './encodeWav.js';
export { fadeIn } from './fadeIn.js';
export { fadeOut } from './fadeOut.js';
export { fnv1a } from './fnv1a.js';
export { fromAbortable } from './fromAbortable.js';
export {
  activeHolds,
  type HoldEvent,
  type HoldLedger,
  type Holds,
  nextHolds,
} from './holdLedger.js';
export { fullJitter, type Growth } from './fullJitter.js';
export {
  type HandoverBot,
  type HandoverDuty,
  handoverDuty,
  ownCommand,
  type OwnedCommand,
  relieves,
} from './handoverDuty.js';
export { holdTone } from './holdTone.js';
export { holdWanted } from './holdWanted.js';
export { isLanguageTag } from './isLanguageTag.js';
export { type BotTraits, isMediaBot } from './isMediaBot.js';
export { isSilenced } from './isSilenced.js';
export { isolationPlan, type RoomAudio, type SubscriptionChange } from './isolationPlan.js';
export { loopUntil } from './loopUntil.js';
export { MediaError, type MediaErrorCode } from './mediaError.js';
export { mergeMapPresent } from './mergeMapPresent.js';
export { paceTo, type Pace } from './paceTo.js';
export { AUTO_ID_PREFIX, parseCommand } from './parseCommand.js';
export { type DispatchMetadata, parseDispatch } from './parseDispatch.js';
export { parseSttCommand, type SttCommand } from './parseSttCommand.js';
export { recallCommand, type Recall } from './recallCommand.js';
export { reframe, type ReframeOptions } from './reframe.js';
export { refuseCommand, type TargetTraits } from './refuseCommand.js';
export { resampleTo48k } from './resampleTo48k.js';
export { roomKept } from './roomKept.js';
export { type LanguageRoutes, routeLanguage } from './routeLanguage.js';
export { scaleGain } from './scaleGain.js';
export { SPEECH_LIMITS, type SpeechLimits } from './speechLimits.js';
export { sttByLanguage, type SttByLanguageOptions, type TranscriptOf } from './sttByLanguage.js';
export { sttCommands } from './sttCommands.js';
export { SttError, type SttErrorKind } from './sttError.js';
export { type RecognisedText, toRecognition } from './toRecognition.js';
export {
  type Speaker,
  type SpokenTranscript,
  transcriptPacket,
  type TranscriptSession,
} from './transcriptPacket.js';
export {
  type Receiver,
  type TranscriptAudience,
  transcriptReceivers,
} from './transcriptReceivers.js';
export { untilYielded } from './untilYielded.js';
export { vadChunk, type VadChunkOptions } from './vadChunk.js';
export { type Positioned, withLast } from './withLast.js';
export { withSentiment } from './withSentiment.js';
export type * from './types.js';
