import { ConfigError, loadSettings } from '../config.js';
import type { Patient } from './patient.js';

/** The settings as the worker would read them, or what is wrong with them. */
export function readSettings(environment: NodeJS.ProcessEnv): Patient['settings'] {
  try {
    return loadSettings(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
