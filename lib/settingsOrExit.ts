import { ConfigError, loadSettings, type Settings } from './config.js';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

/** The settings of this process; where they are not usable, one line per problem and exit code 78. */
export function settingsOrExit(): Settings {
  try {
    return loadSettings();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${problem}\n`);
    process.exit(EXIT_CONFIG);
  }
}
