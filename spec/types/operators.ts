/*
 * What the operators take and give. Nothing in here runs: `npm run check:types` fails where one of
 * these types has become wider, narrower or `any`, and where a mistake below is a mistake no more.
 */
import { expectTypeOf } from 'expect-type';
import type { MonoTypeOperatorFunction, Observable, OperatorFunction } from 'rxjs';
import {
  concatMapBounded,
  decodeMp3,
  distinctByCommandId,
  encodeWav,
  fadeIn,
  fromAbortable,
  holdTone,
  loopUntil,
  mergeMapPresent,
  paceTo,
  parseCommand,
  reframe,
  resampleTo48k,
  routeLanguage,
  scaleGain,
  sttByLanguage,
  sttCommands,
  toRecognition,
  vadChunk,
  withLast,
  withSentiment,
} from '../../operators/index.js';
import type {
  Attributes,
  BoundedOptions,
  Command,
  CreateResampler,
  DecodeOptions,
  DetectSpeech,
  ExecutedCommand,
  LanguageRoutes,
  OpenDecoder,
  PcmFrame,
  Positioned,
  RecognisedText,
  Recognition,
  ScoreSentiment,
  Sentiment,
  SttByLanguageOptions,
  SttCommand,
  Transcript,
  TranscriptOf,
  Utterance,
} from '../../operators/index.js';

type Sound = MonoTypeOperatorFunction<PcmFrame>;
type InRoom = Transcript & { readonly room: string };

declare const bytes: Observable<Uint8Array>;
declare const clip: Observable<PcmFrame>;
declare const texts: Observable<InRoom>;
declare const utterances: Observable<Utterance & { readonly room: string }>;
declare const stt: SttByLanguageOptions;
declare const options: BoundedOptions<PcmFrame>;
declare const detect: DetectSpeech;
declare const openDecoder: OpenDecoder;
declare const score: ScoreSentiment;

// Sound.
expectTypeOf(decodeMp3).toEqualTypeOf<
  (openDecoder: OpenDecoder, options?: DecodeOptions) => OperatorFunction<Uint8Array, PcmFrame>
>();
expectTypeOf(resampleTo48k).toEqualTypeOf<
  (createResampler: CreateResampler) => OperatorFunction<PcmFrame, PcmFrame>
>();
expectTypeOf(paceTo).returns.toEqualTypeOf<Sound>();
expectTypeOf(paceTo)
  .parameter(0)
  .toEqualTypeOf<{ readonly queued: () => number; readonly lead: number }>();
expectTypeOf(scaleGain).toEqualTypeOf<(gain: number | Observable<number>) => Sound>();
expectTypeOf(fadeIn).toEqualTypeOf<(duration?: number) => Sound>();
expectTypeOf(reframe).toEqualTypeOf<
  (samplesPerFrame: number, options?: { readonly pad?: boolean }) => Sound
>();
expectTypeOf(holdTone).toEqualTypeOf<() => Observable<PcmFrame>>();
expectTypeOf(encodeWav).toEqualTypeOf<
  (shortest?: number) => OperatorFunction<PcmFrame, Uint8Array<ArrayBuffer>>
>();
expectTypeOf(clip.pipe(loopUntil(bytes))).toEqualTypeOf<Observable<PcmFrame>>();

// Speech.
expectTypeOf(vadChunk).parameter(0).toEqualTypeOf<DetectSpeech>();
expectTypeOf(vadChunk).returns.toEqualTypeOf<OperatorFunction<PcmFrame, Utterance>>();
expectTypeOf(sttByLanguage).parameter(0).toEqualTypeOf<SttByLanguageOptions>();
expectTypeOf(utterances.pipe(sttByLanguage(stt))).toEqualTypeOf<
  Observable<TranscriptOf<Utterance & { readonly room: string }>>
>();
expectTypeOf<TranscriptOf<Utterance & { readonly room: string }>>().toExtend<InRoom>();
expectTypeOf(toRecognition).returns.toEqualTypeOf<OperatorFunction<RecognisedText, Recognition>>();
const scored = withSentiment<InRoom>(score, (_error, text) => {
  expectTypeOf(text).toEqualTypeOf<InRoom>();
});
expectTypeOf(texts.pipe(scored)).toEqualTypeOf<
  Observable<InRoom & { readonly sentiment: Sentiment }>
>();
expectTypeOf(routeLanguage<'here' | 'there'>).toEqualTypeOf<
  (routes: LanguageRoutes<'here' | 'there'>, language: string | undefined) => 'here' | 'there'
>();

// Commands.
expectTypeOf(parseCommand).toEqualTypeOf<(attributes: Attributes) => Command>();
expectTypeOf<Command['verb']>().toEqualTypeOf<'play' | 'stop' | 'invalid'>();
expectTypeOf(distinctByCommandId).toEqualTypeOf<
  (lastExecuted?: ExecutedCommand) => OperatorFunction<Command, Command>
>();
expectTypeOf(sttCommands).toEqualTypeOf<
  (dispatch?: Attributes) => OperatorFunction<Attributes, SttCommand>
>();

// Streams of anything.
expectTypeOf(clip.pipe(withLast())).toEqualTypeOf<Observable<Positioned<PcmFrame>>>();
expectTypeOf(concatMapBounded(() => bytes, options)).toEqualTypeOf<
  OperatorFunction<PcmFrame, Uint8Array>
>();
expectTypeOf(mergeMapPresent((key: string) => (key === '' ? bytes : bytes))).toEqualTypeOf<
  OperatorFunction<readonly string[], Uint8Array>
>();
expectTypeOf(fromAbortable).toEqualTypeOf<
  <T>(request: (signal: AbortSignal) => Promise<T>) => Observable<T>
>();

// Mistakes.
// @ts-expect-error -- frames are no MP3
void clip.pipe(decodeMp3(openDecoder));
// @ts-expect-error -- bytes have no loudness
void bytes.pipe(scaleGain(0.6));
// @ts-expect-error -- without a lead nothing would ever be let out
paceTo({ queued: () => 0 });
// @ts-expect-error -- utterances would have no ids
vadChunk(detect, {});
// @ts-expect-error -- somebody has to serve all other languages
routeLanguage({ en: 1 }, 'en');
