import { type Command, InvalidArgumentError, Option } from 'commander';
import { CHECK_NAMES, type CheckName } from '../doctor/checkNames.js';
import type { Finding } from '../doctor/doctor.js';
import { agentNameOption } from './connection.js';
import { EXIT, print } from './print.js';
import { seconds } from './seconds.js';

interface DoctorOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly agentName: string;
  readonly only: readonly CheckName[];
  /** Seconds. */
  readonly timeout: number;
  readonly json?: true;
}

const isCheck = (name: string): name is CheckName => CHECK_NAMES.some((it) => it === name);

function checkNames(text: string): readonly CheckName[] {
  const names = text.split(',').map((name) => name.trim());
  const known = names.filter(isCheck);
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`Checks are ${CHECK_NAMES.join(', ')}.`);
}

function inWords({ check, status, detail, advice }: Finding): string {
  const word = { ok: 'ok', wrong: 'WRONG', skipped: '-' }[status];
  const todo = advice === undefined ? '' : `: ${advice}`;
  return `${word.padEnd(6)} ${check.padEnd(12)} ${detail}${todo}`;
}

async function examine(options: DoctorOptions): Promise<void> {
  const { timeout, only, json } = options;
  // Without it rtc-node writes lines of its own to standard output.
  process.env.NODE_ENV ??= 'production';
  // With all that it looks at it takes a second to load, which the other commands do not need.
  const [{ doctor }, { readSettings }] = await Promise.all([
    import('../doctor/doctor.js'),
    import('../doctor/readSettings.js'),
  ]);
  const settings = readSettings({
    ...process.env,
    LIVEKIT_URL: options.url,
    LIVEKIT_API_KEY: options.apiKey,
    LIVEKIT_API_SECRET: options.apiSecret,
    MEDIA_BOT_AGENT_NAME: options.agentName,
  });
  const patient = { ...options, settings, within: timeout * 1000 };
  for await (const finding of doctor(patient, only)) {
    print(json ? { json } : {}, inWords(finding), finding);
    if (finding.status === 'wrong') process.exitCode = EXIT.refused;
  }
  // The native library would keep the process.
  process.exit();
}

/** `doctor`: what is wrong, and what to do. */
export function addDoctor(program: Command): void {
  const fromEnvironment = (flags: string, description: string, variable: string) =>
    new Option(flags, description).env(variable).default('', 'none');
  program
    .command('doctor')
    .description('look at all that the bot needs; say what is wrong, and what to do')
    .addOption(fromEnvironment('--url <address>', 'address of LiveKit', 'LIVEKIT_URL'))
    .addOption(fromEnvironment('--api-key <key>', 'its API key', 'LIVEKIT_API_KEY'))
    .addOption(fromEnvironment('--api-secret <secret>', 'its API secret', 'LIVEKIT_API_SECRET'))
    .addOption(agentNameOption())
    .option('--timeout <seconds>', 'longest wait for the bot', seconds, 10)
    .addOption(
      new Option('--only <checks>', `some of ${CHECK_NAMES.join(',')}`)
        .argParser(checkNames)
        .default(CHECK_NAMES, 'all'),
    )
    .option('--json', 'print one JSON object per line')
    .action(examine);
}
