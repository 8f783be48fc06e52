#!/usr/bin/env node
import { Command } from 'commander';
import { addDispatch, addHold, addPlay, addStop, addTranscribe } from './commands.js';
import { addDoctor } from './doctorCommand.js';
import { EXIT } from './print.js';
import { addWatch } from './watchCommand.js';

// The command `media-bot`: what a Call Service does, by hand; and what is wrong with a deployment.
//
// Exit codes: see `EXIT`.

const program = new Command('media-bot')
  .description('Commands the media bot of a LiveKit room, and finds out what is wrong with it.')
  .addHelpText(
    'after',
    `
Exit codes: ${EXIT.done} done; ${EXIT.refused} the bot or LiveKit has said no, or something is wrong;
${EXIT.usage} wrong usage; ${EXIT.unanswered} no answer, so that it may have been done: --id makes a repeat safe.`,
  )
  // Of commander's own codes: help is 0, every mistake is 1.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.done : EXIT.usage));

addDispatch(program);
addPlay(program);
addHold(program);
addStop(program);
addTranscribe(program);
addWatch(program);
addDoctor(program);

await program.parseAsync();
