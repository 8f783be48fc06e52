import type { Command } from 'commander';
import { type CommandOptions, MediaBotClient } from '../client/client.js';
import { type Connection, withConnection } from './connection.js';
import { print, printFailure } from './print.js';
import { seconds } from './seconds.js';

/** The flags of every command in a room. */
export interface RoomOptions extends Connection {
  readonly room: string;
  /** Seconds. */
  readonly timeout: number;
  readonly id?: string;
}

/** Adds the flags of a room. */
export function withRoomOptions(command: Command): Command {
  return withConnection(command).requiredOption('-r, --room <name>', 'the room');
}

/** Adds the flags of a command that is answered. */
export function withAnswerOptions(command: Command): Command {
  return withRoomOptions(command).option(
    '--timeout <seconds>',
    'longest wait for the answer',
    seconds,
    10,
  );
}

/** Adds the flag under which a command may be repeated. */
export function withId(command: Command): Command {
  return command.option('--id <id>', 'id of the command; one that was executed is not again');
}

/** Adds the flag of who is to hear it. */
export function withTarget(command: Command): Command {
  return withId(withAnswerOptions(command)).requiredOption(
    '-i, --identity <identity>',
    'participant who is to hear it',
  );
}

/** The wait and the id that a command line asks for. */
export function commandOptions({ timeout, id }: RoomOptions): CommandOptions {
  return { within: timeout * 1000, ...(id !== undefined && { id }) };
}

/** Does one thing in a room, and prints its result in words or as JSON. */
export async function inRoom<T extends object>(
  options: RoomOptions,
  act: (client: MediaBotClient) => Promise<T>,
  inWords: (result: T) => string,
): Promise<void> {
  try {
    const result = await act(new MediaBotClient(options));
    print(options, inWords(result), result);
  } catch (error) {
    printFailure(options, error);
  }
}
