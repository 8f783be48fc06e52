import type { HttpFault } from '../../demo/providers/standInServer.js';
import type { SpeechFault } from './describeSpeechFaults.js';

/** The pause that ends an utterance, two requests, and a busy machine: milliseconds. */
export const PROMPTLY = 4_000;

/** What a provider that is asked when an utterance has ended does wrong, and what that comes to. */
export interface HttpSpeechFaultsOptions {
  readonly provider: 'elevenlabs' | 'groq';
  /** After which an answer is not waited for any longer: milliseconds. */
  readonly deadline: number;
  /** What a fault comes to that passes. */
  readonly again: Pick<SpeechFault, 'servedBy' | 'within' | 'requests'>;
  /** In its own words. */
  readonly outOfOrder: unknown;
}

/** Has a provider do something wrong with the next request. */
export const once =
  (provider: 'elevenlabs' | 'groq') =>
  (fault: HttpFault): SpeechFault['strike'] =>
  (providers) =>
    providers[provider].fail(fault, 1);

/** What goes wrong with anybody who is asked over HTTP. */
export function httpSpeechFaults({
  provider,
  deadline,
  again,
  outOfOrder,
}: HttpSpeechFaultsOptions): readonly SpeechFault[] {
  const strike = once(provider);
  const within = deadline + PROMPTLY;
  const answer = (status: number, body: unknown) => strike({ answer: { status, body } });
  return [
    { ...again, what: 'is out of order', strike: answer(500, outOfOrder) },
    { ...again, what: 'has a proxy that is out of order', strike: answer(502, '<html>502</html>') },
    { ...again, what: 'does not answer', within, strike: strike({ hangs: 'head' }) },
    { ...again, what: 'stops in mid-answer', within, strike: strike({ hangs: 'body' }) },
    { ...again, what: 'tears the connection in mid-answer', strike: strike({ torn: true }) },
  ];
}
