import type { LanguageTag, Recognition } from '../../operators/types.js';
import { closedBy, fallenSilent } from './deepgramError.js';
import type { DeepgramResults, Segment } from './deepgramMessage.js';
import type { DeepgramEvent, DeepgramRequest } from './deepgramSocket.js';

/** What happens in a conversation; `Overdue`: it has taken too long. */
export type DeepgramTurn = DeepgramEvent | DeepgramRequest | { readonly type: 'Overdue' };

/** What has been understood of an utterance so far. */
export interface Hearing {
  /** Will not change any more. */
  readonly finals: readonly Segment[];
  /** Of the stretch after them; may change. */
  readonly interim: Segment | undefined;
  /** Deepgram has been told to close, as it had not answered that the utterance is over. */
  readonly isClosing: boolean;
  /** Nothing more is to be expected. */
  readonly isOver: boolean;
}

/** Before the first message. */
export const NOTHING_HEARD: Hearing = {
  finals: [],
  interim: undefined,
  isClosing: false,
  isOver: false,
};

/** RFC 6455, 7.4.1: a normal closure, and one without a code. */
const POLITE_CLOSES: ReadonlySet<number> = new Set([1000, 1005]);

/**
 * Follows the conversation, whoever of the two says something.
 *
 * It is over when Deepgram answers `Finalize`, which it does not promise to do; else when it has
 * been told to close and has done so. Where it does not do that either, the text so far has to do.
 * Throws an SttError where Deepgram closes the connection of its own accord, or says nothing.
 */
export function hear(hearing: Hearing, turn: DeepgramTurn): Hearing {
  switch (turn.type) {
    case 'Results':
      return hearResults(hearing, turn);
    case 'CloseStream':
      return { ...hearing, isClosing: true };
    case 'Metadata':
      return { ...hearing, isOver: hearing.isClosing };
    case 'Close':
      if (hearing.isClosing && POLITE_CLOSES.has(turn.code)) return { ...hearing, isOver: true };
      throw closedBy(turn.code, turn.reason);
    case 'Overdue':
      if (spokenSegments(hearing).length > 0) return { ...hearing, isOver: true };
      throw fallenSilent();
    case 'Open':
    case 'Other':
    case 'Media':
    case 'KeepAlive':
    case 'Finalize':
      return hearing;
  }
}

const hearResults = (hearing: Hearing, { segment, isFinal, answersFinalize }: DeepgramResults) =>
  isFinal
    ? {
        ...hearing,
        finals: [...hearing.finals, segment],
        interim: undefined,
        isOver: answersFinalize,
      }
    : { ...hearing, interim: segment };

const spokenSegments = ({ finals, interim }: Hearing): readonly Segment[] =>
  [...finals, ...(interim ? [interim] : [])].filter(({ text }) => text !== '');

/** Each segment counts as many times as it has words. */
function meanConfidence(segments: readonly Segment[]): number | undefined {
  let [sum, words] = [0, 0];
  for (const { text, confidence } of segments) {
    if (confidence === undefined) continue;
    const weight = text.split(/\s+/).length;
    sum += confidence * weight;
    words += weight;
  }
  return words === 0 ? undefined : sum / words;
}

/**
 * All that was understood as one text; `undefined` where nothing was.
 *
 * @param requested base language of the request, which is the text's where Deepgram tells no other.
 */
export function toRecognition(
  hearing: Hearing,
  requested: LanguageTag | undefined,
  model: string,
): Recognition | undefined {
  const segments = spokenSegments(hearing);
  if (segments.length === 0) return undefined;
  const told = segments.find(({ language }) => language !== undefined)?.language;
  return {
    text: segments.map(({ text }) => text).join(' '),
    language: told?.split('-')[0] ?? requested,
    confidence: meanConfidence(segments),
    provider: 'deepgram',
    model,
  };
}
