import { checkAddress } from './checkAddress.js';
import { checkAgent } from './checkAgent.js';
import { checkClock } from './checkClock.js';
import { checkIce } from './checkIce.js';
import { checkKeys } from './checkKeys.js';
import { checkMedia } from './checkMedia.js';
import { checkName } from './checkName.js';
import { checkPermissions } from './checkPermissions.js';
import { checkProvider } from './checkProvider.js';
import { checkSettings } from './checkSettings.js';
import { CHECK_NAMES, type CheckName } from './checkNames.js';
import { type Outcome, wrong } from './finding.js';
import type { Patient } from './patient.js';

/** What became of a check. `skipped`: it needs something first that is wrong. */
export interface Finding {
  readonly check: CheckName;
  readonly status: Outcome['status'] | 'skipped';
  readonly detail: string;
  readonly advice?: string;
}

interface Check {
  readonly look: (patient: Patient) => Promise<Outcome>;
  /** Without which this one would only say the same again. */
  readonly needs?: CheckName;
}

const CHECKS: Readonly<Record<CheckName, Check>> = {
  settings: { look: checkSettings },
  name: { look: checkName },
  address: { look: checkAddress, needs: 'name' },
  clock: { look: checkClock, needs: 'address' },
  keys: { look: checkKeys, needs: 'address' },
  permissions: { look: checkPermissions, needs: 'keys' },
  media: { look: checkMedia, needs: 'keys' },
  agent: { look: checkAgent, needs: 'keys' },
  ice: { look: checkIce, needs: 'settings' },
  deepgram: { look: checkProvider('deepgram'), needs: 'settings' },
  elevenlabs: { look: checkProvider('elevenlabs'), needs: 'settings' },
  groq: { look: checkProvider('groq'), needs: 'settings' },
};

/**
 * Looks at everything that the bot and a Call Service need, one after the other: tells what is
 * wrong and what to do. Leaves nothing behind; each check takes 15 s at most, and the bot as long
 * as it is waited for.
 */
export async function* doctor(
  patient: Patient,
  names: readonly CheckName[] = CHECK_NAMES,
): AsyncGenerator<Finding> {
  const unwell = new Set<CheckName>();
  for (const check of CHECK_NAMES.filter((name) => names.includes(name))) {
    const { look, needs } = CHECKS[check];
    if (needs !== undefined && unwell.has(needs)) {
      unwell.add(check);
      yield { check, status: 'skipped', detail: `needs ${needs}` };
    } else {
      const outcome = await look(patient).catch((error: unknown) =>
        wrong(`the check itself failed: ${(error as Error).message}`, 'run it again'),
      );
      if (outcome.status === 'wrong') unwell.add(check);
      yield { check, ...outcome };
    }
  }
}
