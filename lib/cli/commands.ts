import { Argument, type Command, Option } from 'commander';
import { dispatchInWords, playbackInWords, transcriptionInWords } from './inWords.js';
import {
  commandOptions,
  inRoom,
  type RoomOptions,
  withAnswerOptions,
  withId,
  withTarget,
} from './roomCommand.js';

interface Targeted extends RoomOptions {
  readonly identity: string;
}

const ASSET = 'address of an MP3';

/** `dispatch`: brings the bot. */
export function addDispatch(program: Command): void {
  withAnswerOptions(program.command('dispatch'))
    .description('ask for the bot, and wait until it is in the room')
    .option('--transcribe', 'have everybody transcribed from the start')
    .option('--language <tag>', 'language that is spoken (BCP 47); to be detected when missing')
    .action((options: RoomOptions & { readonly transcribe?: true; readonly language?: string }) => {
      const { language, timeout } = options;
      const stt = { enabled: true, ...(language !== undefined && { language }) };
      const request = { within: timeout * 1000, ...(options.transcribe && { stt }) };
      return inRoom(options, (client) => client.dispatch(request), dispatchInWords);
    });
}

/** `play`: once, or in a loop. */
export function addPlay(program: Command): void {
  withTarget(program.command('play'))
    .description('play to a participant, and wait until it plays')
    .argument('<asset>', ASSET)
    .option('--loop', 'again and again, which puts the participant on hold')
    .addOption(
      new Option('--on-end <what>', 'what becomes of the room when it has drained')
        .choices(['close', 'keep'])
        .default('close'),
    )
    .action((url: string, options: Targeted & { loop?: true; onEnd: 'close' | 'keep' }) => {
      const request = { url, loop: options.loop ?? false, onEnd: options.onEnd };
      const { identity } = options;
      const wait = commandOptions(options);
      return inRoom(options, (client) => client.play(identity, request, wait), playbackInWords);
    });
}

/** `hold`. */
export function addHold(program: Command): void {
  withTarget(program.command('hold'))
    .description('play in a loop to a participant who hears nobody else meanwhile')
    .argument('<asset>', ASSET)
    .action((url: string, options: Targeted) => {
      const { identity } = options;
      const wait = commandOptions(options);
      return inRoom(options, (client) => client.hold(identity, url, wait), playbackInWords);
    });
}

/** `unhold` and `stop`. */
export function addStop(program: Command): void {
  const ends = {
    unhold: 'end a hold, and wait until the participant hears everybody again',
    stop: 'end what is played to a participant',
  };
  for (const name of ['unhold', 'stop'] as const) {
    withTarget(program.command(name))
      .description(ends[name])
      .action((options: Targeted) => {
        const { identity } = options;
        const wait = commandOptions(options);
        return inRoom(options, (client) => client[name](identity, wait), playbackInWords);
      });
  }
}

/** `transcribe`: on or off. */
export function addTranscribe(program: Command): void {
  withId(withAnswerOptions(program.command('transcribe')))
    .description('transcribe everybody in the room, or nobody any more')
    .addArgument(new Argument('<state>').choices(['on', 'off']))
    .option('--language <tag>', 'language that is spoken (BCP 47); to be detected when missing')
    .action((state: 'on' | 'off', options: RoomOptions & { readonly language?: string }) => {
      const { language } = options;
      const request = { enabled: state === 'on', ...(language !== undefined && { language }) };
      const wait = commandOptions(options);
      return inRoom(options, (client) => client.transcribe(request, wait), transcriptionInWords);
    });
}
