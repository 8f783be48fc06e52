/** What Deepgram says in place of a connection. */
export interface DeepgramRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Seconds; sent as a header. */
  readonly retryAfter?: number;
}

/** What goes wrong with a connection. */
export type DeepgramFault =
  | ({ readonly type: 'refuse' } & DeepgramRefusal)
  /** The request for the connection is never answered. */
  | { readonly type: 'stall' }
  /** The connection is closed when so much audio has come, or at `CloseStream`; 1005: without a code. */
  | {
      readonly type: 'close';
      readonly code: number;
      readonly reason?: string;
      readonly atMs: number;
    }
  /** The connection is reset when so much audio has come. */
  | { readonly type: 'reset'; readonly atMs: number }
  /** Nothing is ever said, and nothing closed. */
  | { readonly type: 'silent' }
  /** There are interim results, and nothing else. */
  | { readonly type: 'deaf' }
  /** `Finalize` is not answered. */
  | { readonly type: 'ignoreFinalize' }
  /** `Finalize` is not answered, and `CloseStream` word by word, each after so many milliseconds. */
  | { readonly type: 'slow'; readonly eachMs: number }
  /** `Finalize` is answered as if the voice had paused: with `speech_final`, no `from_finalize`. */
  | { readonly type: 'speechFinal' }
  /** The text comes in two final results, less sure of the first word, with an empty one between. */
  | { readonly type: 'pieces' }
  /** Among the results there is what is no result, and what is no JSON. */
  | { readonly type: 'noise' }
  /** `CloseStream` is answered, but the connection not closed. */
  | { readonly type: 'stay' };
