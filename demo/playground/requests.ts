import { z } from 'zod';

/** Whom a page can be, and whom the Call Service commands. */
const person = z.enum(['caller', 'agent']);
const target = person;

/** What a page posts to join the call. */
export const joinRequest = z.strictObject({ as: person });

/** A button of the Call Service. */
export const command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('hold'), target }),
  z.strictObject({ do: z.literal('unhold'), target }),
  z.strictObject({ do: z.literal('ringback'), target }),
  z.strictObject({ do: z.literal('busy'), target }),
  z.strictObject({ do: z.literal('dispatch') }),
  z.strictObject({
    do: z.literal('transcribe'),
    enabled: z.boolean(),
    /** BCP 47; to be detected when missing. */
    language: z.string().max(35).optional(),
  }),
]);

/** A button of the Call Service, as a page posts it. */
export type Command = z.infer<typeof command>;

/** What a page needs to join: a token that is good for a minute, and never the secret behind it. */
export interface JoinAnswer {
  readonly url: string;
  readonly token: string;
  readonly room: string;
}

/** What a page can have said and choose from. */
export interface About {
  /** Speech providers that are stand-ins: they understand the phrases and nothing else. */
  readonly standIns: readonly string[];
  readonly phrases: readonly {
    /** Name of the recording. */
    readonly file: string;
    readonly text: string;
    /** BCP 47. */
    readonly language: string;
  }[];
}
