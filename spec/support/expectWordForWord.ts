import { expect } from 'chai';
import { GREETING, type WatchedCall } from './watchedCall.js';

/**
 * Expects that what the colleague has said, after the greeting, was written down once and in
 * order, and that each bot has numbered its transcripts from 1 on.
 */
export function expectWordForWord(call: WatchedCall, said: readonly string[]): void {
  const texts = call.said().map(({ packet }) => packet.text);
  expect(texts.filter((text) => text !== GREETING.text)).to.deep.equal(said);
  const bots = new Set(call.said().map(({ from }) => from));
  for (const bot of bots) {
    const own = call.said().filter(({ from }) => from === bot);
    expect(new Set(own.map(({ packet }) => packet.session)).size, 'sessions of a bot').to.equal(1);
    expect(own.map(({ packet }) => packet.seq)).to.deep.equal(own.map((_, n) => n + 1));
  }
  const sessions = new Set(call.said().map(({ packet }) => packet.session));
  expect(sessions.size, 'sessions of all bots').to.equal(bots.size);
}
