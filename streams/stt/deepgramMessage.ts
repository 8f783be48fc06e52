/** What Deepgram understood of a stretch of audio. */
export interface Segment {
  /** Trimmed; often empty. */
  readonly text: string;
  /** 0 to 1. */
  readonly confidence: number | undefined;
  /** Told only where the language was to be detected. */
  readonly language: string | undefined;
}

/** What Deepgram understood of the next stretch of audio. */
export interface DeepgramResults {
  readonly type: 'Results';
  readonly segment: Segment;
  /** Will not change any more; else the next one of this stretch replaces it. */
  readonly isFinal: boolean;
  /** All that was sent before `Finalize` is in the segments so far. */
  readonly answersFinalize: boolean;
}

/** What Deepgram says; `Other` is of no interest here, or of a later protocol. */
export type DeepgramMessage =
  DeepgramResults | { readonly type: 'Metadata' } | { readonly type: 'Other' };

/** What is read of it, any of which a message of a later protocol may lack. */
interface Results {
  readonly is_final?: boolean;
  readonly from_finalize?: boolean;
  readonly channel?: {
    readonly alternatives?: readonly {
      readonly transcript?: string;
      readonly confidence?: number;
      readonly languages?: readonly string[];
    }[];
  };
}

const toSegment = ({ channel }: Results): Segment => {
  const alternative = channel?.alternatives?.[0];
  return {
    text: alternative?.transcript?.trim() ?? '',
    confidence: alternative?.confidence,
    language: alternative?.languages?.[0],
  };
};

/** Reads a message as the SDK passes it on: unchecked, and where it is not JSON as it is. */
export function readDeepgramMessage(message: unknown): DeepgramMessage {
  const { type } = (message ?? {}) as { readonly type?: unknown };
  if (type === 'Metadata') return { type };
  if (type !== 'Results') return { type: 'Other' };
  const results = message as Results;
  return {
    type,
    segment: toSegment(results),
    isFinal: results.is_final === true,
    answersFinalize: results.from_finalize === true,
  };
}
