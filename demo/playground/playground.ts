import '../participants/quietRtcNode.js';

import { once } from 'node:events';

import { dispose } from '@livekit/rtc-node';

import { type Closers, openBackstage } from '../backstage.js';
import { startPlaygroundServer } from './playgroundServer.js';

/** Resolves when the playground is told to end, or cannot go on. */
async function playground(closers: Closers): Promise<void> {
  const told = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  const { bot, ...backstage } = await openBackstage(console.log, closers);
  closers.push(() => bot.stop());
  const { origin, close } = await startPlaygroundServer({ ...backstage });
  closers.push(close);
  console.log(`the bot is ready\n\nOpen ${origin} in a browser: you are the caller.`);
  console.log(`Open ${origin}/?as=agent in a second tab: you are the agent.\nCtrl-C ends it.`);
  const ended = bot.exited.then((code) => {
    throw new Error(`the bot ended with code ${code ?? 'none'}`);
  });
  await Promise.race([told, ended]);
}

async function main(): Promise<void> {
  const closers: Closers = [];
  try {
    await playground(closers);
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause);
    process.exitCode = 1;
  }
  for (const close of closers.reverse()) {
    await close().catch((cause: unknown) => console.error(String(cause)));
  }
  await dispose();
}

await main();
