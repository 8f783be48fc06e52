import type { About, Command, JoinAnswer } from '../requests.js';

const GONE = 'The playground does not answer. Does npm run playground still run?';

/** Asks the playground's server. Rejects with words for a person. */
async function ask<T>(path: string, body?: object): Promise<T> {
  const options = body && { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(path, options).catch((cause: unknown) => {
    throw new Error(GONE, { cause });
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json() as Promise<T>;
}

/** What there is to choose from. */
export const askAbout = () => ask<About>('about');

/** A place in the call, which is opened where there is none. */
export const askToJoin = (as: string) => ask<JoinAnswer>('join', { as });

/** Presses a button of the Call Service. */
export const askFor = (command: Command) => ask<object>('command', command);

/** The recording of a phrase. */
export async function fetchPhrase(file: string): Promise<ArrayBuffer> {
  const response = await fetch(`phrases/${file}`).catch((cause: unknown) => {
    throw new Error(GONE, { cause });
  });
  return response.arrayBuffer();
}
