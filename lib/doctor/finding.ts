/** What a check has found. */
export interface Outcome {
  readonly status: 'ok' | 'wrong';
  /** What is so; without secrets. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** All is well. */
export const ok = (detail: string): Outcome => ({ status: 'ok', detail });

/** Something is to be done. */
export const wrong = (detail: string, advice: string): Outcome => ({
  status: 'wrong',
  detail,
  advice,
});
