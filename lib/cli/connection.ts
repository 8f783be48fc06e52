import { type Command, Option } from 'commander';

/** What every command needs to know of LiveKit. */
export interface Connection {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly agentName: string;
  /** One JSON object per line instead of text. */
  readonly json?: true;
}

/** Adds the flags of the connection; `lk` has the same, and the same variables. */
export function withConnection(command: Command): Command {
  const required = (flags: string, description: string, variable: string) =>
    new Option(flags, description).env(variable).makeOptionMandatory();
  return command
    .addOption(required('--url <address>', 'address of the LiveKit server', 'LIVEKIT_URL'))
    .addOption(required('--api-key <key>', 'its API key', 'LIVEKIT_API_KEY'))
    .addOption(required('--api-secret <secret>', 'its API secret', 'LIVEKIT_API_SECRET'))
    .addOption(agentNameOption())
    .option('--json', 'print one JSON object per line');
}

/** The name of the agent, which a worker reads from the same variable. */
export const agentNameOption = () =>
  new Option('--agent-name <name>', 'name that the bot is dispatched by')
    .env('MEDIA_BOT_AGENT_NAME')
    .default('media-bot');
