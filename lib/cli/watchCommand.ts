import { once } from 'node:events';
import type { Command } from 'commander';
import { MediaBotClient } from '../client/client.js';
import { eventInWords } from './inWords.js';
import { print, printFailure } from './print.js';
import { type RoomOptions, withRoomOptions } from './roomCommand.js';

async function watch(options: RoomOptions): Promise<void> {
  try {
    const client = new MediaBotClient(options);
    const watch = await client.watch((event) => print(options, eventInWords(event), event));
    await Promise.race([watch.ended, once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await watch.close();
  } catch (error) {
    printFailure(options, error);
  }
  // The native library would keep the process.
  process.exit();
}

/** `watch`: until Ctrl-C, or the end of the room. */
export function addWatch(program: Command): void {
  withRoomOptions(program.command('watch'))
    .description('print transcripts and answers as they come, until Ctrl-C or the end of the room')
    .action(watch);
}
