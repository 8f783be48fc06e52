/*
 * That the contract's schemas and the types of the code are the same. Nothing in here runs:
 * `npm run check:types` fails where one of them has changed alone.
 */
import { expectTypeOf } from 'expect-type';
import type { z } from 'zod';
import type { AnswerError, PlaybackAnswer, TranscriptionAnswer } from '../../lib/client/client.js';
import type { PlayRequest, TranscribeRequest } from '../../lib/client/client.js';
import type { TranscriptPacket } from '../../lib/client/client.js';
import type { dispatchMetadata } from '../../lib/schemas/dispatchMetadata.js';
import type { playbackAnswer } from '../../lib/schemas/playbackAnswer.js';
import type { playbackCommand } from '../../lib/schemas/playbackCommand.js';
import type { transcript } from '../../lib/schemas/transcript.js';
import type { transcriptionAnswer } from '../../lib/schemas/transcriptionAnswer.js';
import type { transcriptionCommand } from '../../lib/schemas/transcriptionCommand.js';
import type { MediaErrorCode } from '../../operators/mediaError.js';
import type { Answer, SttProvider } from '../../operators/types.js';

/** As it was written, whatever may be read or changed. */
type Plain<T> = T extends object ? { -readonly [K in keyof T]: Plain<T[K]> } : T;
type Value<Map, Key extends string> = Map extends Readonly<Record<Key, infer V>> ? V : never;

// The packet, field by field.
expectTypeOf<Plain<z.infer<typeof transcript>>>().toEqualTypeOf<Plain<TranscriptPacket>>();

// What the bot answers.
type Played = z.infer<typeof playbackAnswer>;
expectTypeOf<Value<Played, 'media.status'>>().toEqualTypeOf<Answer['status']>();
expectTypeOf<PlaybackAnswer['status']>().toEqualTypeOf<Answer['status']>();
expectTypeOf<AnswerError['code']>().toEqualTypeOf<MediaErrorCode>();
type Transcribed = z.infer<typeof transcriptionAnswer>;
expectTypeOf<Value<Transcribed, 'stt.status'>>().toEqualTypeOf<TranscriptionAnswer['status']>();
expectTypeOf<Value<Transcribed, 'stt.provider'> & SttProvider>().toEqualTypeOf<SttProvider>();

// What a Call Service writes.
type Command = z.infer<typeof playbackCommand>;
type OnEnd = Extract<Command, { 'media.command': 'play' }>['media.on_end'];
expectTypeOf<Exclude<OnEnd, '' | undefined>>().toEqualTypeOf<NonNullable<PlayRequest['onEnd']>>();
type Loop = Extract<Command, { 'media.command': 'play' }>['media.loop'];
expectTypeOf<Exclude<Loop, '' | undefined>>().toEqualTypeOf<`${boolean}`>();
type Enabled = z.infer<typeof transcriptionCommand>['stt.enabled'];
expectTypeOf<Exclude<Enabled, '' | undefined>>().toEqualTypeOf<`${boolean}`>();
type First = NonNullable<z.infer<typeof dispatchMetadata>['stt']>;
expectTypeOf<TranscribeRequest['enabled']>().toEqualTypeOf<NonNullable<First['enabled']>>();
expectTypeOf<TranscribeRequest['language']>().toEqualTypeOf<First['language']>();
