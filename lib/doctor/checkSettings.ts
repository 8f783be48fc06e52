import { ok, type Outcome, wrong } from './finding.js';
import type { Patient } from './patient.js';

/** Whether the worker would start with the environment. */
export function checkSettings({ settings }: Patient): Promise<Outcome> {
  if ('livekit' in settings) return Promise.resolve(ok('complete, and each of them well-formed'));
  return Promise.resolve(wrong(settings.join('; '), 'set them as the README, "Settings", says'));
}
