import { AxeBuilder } from '@axe-core/playwright';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';

import { usePlayground } from '../../support/usePlayground.js';

/** A phrase has been said and read by then. */
const SAID_MS = 8_000;
const ATTEMPTS = 6;
/** A level that is sound: two digits, and not silence. */
const SOUND = /-[1-5]\d dBFS/;
/** The frequency of the ringback and busy tones, as the page measures it. */
const SIGNAL = /loudest at 42[3-7] Hz/;
/** What the agent's microphone hears, and what the caller has said. */
const SPOKEN = 'Thank you so much, that was very helpful.';
const SAID = 'I would like to cancel my subscription. This is terrible!';

/** Everything is done with the keyboard: whoever has no mouse can do it as well. */
const press = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true }).press('Enter');
/** Waits until somewhere on the page is what is expected. */
const shows = (place: Locator, text: string | RegExp) => place.filter({ hasText: text }).waitFor();
const region = (page: Page, name: string) => page.getByRole('region', { name });
/** What the page hears of somebody: who, level and frequency. */
const heardOf = (page: Page, name: string) =>
  region(page, 'What you hear').getByRole('listitem').filter({ hasText: name });
/** Whether somebody hears somebody, in the words of the matrix. */
const hears = (page: Page, listener: string, column: number, words: string) =>
  shows(
    region(page, 'Who can hear whom')
      .getByRole('row')
      .filter({ hasText: listener })
      .last()
      .getByRole('cell')
      .nth(column),
    new RegExp(`^${words}$`),
  );
const [BOT, AGENT, CALLER] = [0, 1, 2];

/** A place in the transcript that reads like this, whoever said it. */
const read = (page: Page, text: string) =>
  page.getByRole('log').getByRole('listitem').filter({ hasText: text }).first();

/**
 * Has a phrase said for one until it is read: a browser on a busy machine leaves holes in what it
 * plays, and a stand-in understands whole phrases only.
 */
async function sayUntilRead(page: Page, phrase: string, attempts = ATTEMPTS): Promise<void> {
  await press(page, `Say it for me: ${phrase}`);
  await read(page, phrase)
    .waitFor({ timeout: SAID_MS })
    .catch((cause: unknown) => {
      if (attempts === 1) throw cause;
      return sayUntilRead(page, phrase, attempts - 1);
    });
}

/** What axe finds serious; in the dark, the contrast is all that is different. */
async function barriers(page: Page): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await new AxeBuilder({ page }).analyze();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await new AxeBuilder({ page }).withRules('color-contrast').analyze();
  return [...light.violations, ...dark.violations]
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}

describe('npm run playground', function () {
  this.timeout(2 * ATTEMPTS * SAID_MS);
  const playground = usePlayground('en-thanks.wav');
  let caller: Page;
  let agent: Page;

  before(async () => {
    caller = await playground().visit('/');
    agent = await playground().visit('/?as=agent', 'allowed');
  });

  it('should say so where there is no call yet', async () => {
    await shows(caller.getByRole('status').first(), 'You are not in the call.');
    await press(caller, 'Hold');
    await shows(caller.getByRole('alert'), 'There is no call: join it first.');
    await press(agent, 'Unmute');
    await shows(agent.getByRole('alert'), 'You are not in the call: join it first.');
  });

  it('should have no barriers before a call', async () => {
    expect(await barriers(caller)).to.deep.equal([]);
  });

  it('should bring the caller, the agent and the bot together', async () => {
    await press(caller, 'Join the call');
    await shows(caller.getByRole('status').first(), 'You are in the call playground-1.');
    await shows(caller.getByRole('alert'), 'The microphone was refused.');
    await press(agent, 'Join the call');
    await shows(region(caller, 'Call Service'), 'The bot is in the room and does not transcribe.');
    await shows(heardOf(caller, 'agent'), SOUND);
    for (const page of [caller, agent]) {
      await hears(page, 'caller', AGENT, 'hears');
      await hears(page, 'agent', CALLER, 'hears');
    }
  });

  it('should transcribe what the agent says into the microphone', async () => {
    await press(caller, 'Transcribe');
    await shows(region(caller, 'Call Service'), 'The bot transcribes, by deepgram.');
    await read(caller, SPOKEN).waitFor({ timeout: ATTEMPTS * SAID_MS });
    const how = /agent.*positive 0\.\d\d, deepgram nova-3, \d+ ms after the last word/;
    await shows(read(caller, SPOKEN), how);
    await press(agent, 'Mute');
  });

  it('should transcribe what is said for the caller, and show how it feels', async () => {
    await Promise.all([sayUntilRead(caller, SAID), shows(heardOf(agent, 'caller'), SOUND)]);
    await shows(read(caller, SAID), /caller.*negative -0\.\d\d, deepgram/);
    await caller.getByRole('img', { name: /last negative, -0\.\d\d, by caller/ }).waitFor();
    await press(caller, 'Stop transcribing');
    await shows(region(caller, 'Call Service'), 'does not transcribe.');
  });

  it('should let a caller on hold hear music and nobody else', async () => {
    await press(agent, 'Unmute');
    await shows(heardOf(caller, 'agent'), SOUND);
    await press(caller, 'Hold');
    await shows(region(caller, 'Call Service'), 'caller: playing, on hold.');
    await shows(heardOf(caller, 'Media Bot'), SOUND);
    await heardOf(caller, 'agent').waitFor({ state: 'detached' });
    for (const page of [caller, agent]) {
      await hears(page, 'caller', AGENT, 'does not hear');
      await hears(page, 'caller', BOT, 'hears');
    }
    await shows(heardOf(agent, 'Media Bot'), 'silence');
    const changes = region(caller, 'Attributes').getByRole('listitem');
    await shows(changes, 'caller media.held = true');
  });

  it('should have no barriers during a call', async () => {
    expect(await barriers(caller)).to.deep.equal([]);
  });

  it('should fit on a phone', async () => {
    const size = caller.viewportSize()!;
    await caller.setViewportSize({ width: 390, height: 844 });
    expect(await caller.evaluate('document.documentElement.scrollWidth')).to.equal(390);
    await caller.setViewportSize(size);
  });

  it('should give a caller who is on hold no more the agent back', async () => {
    await press(caller, 'Unhold');
    await shows(region(caller, 'Call Service'), 'caller: stopped.');
    await shows(heardOf(caller, 'agent'), SOUND);
    await hears(agent, 'caller', AGENT, 'hears');
  });

  it('should play the busy tone, and put everybody out of the room', async () => {
    await press(caller, 'Busy tone');
    await shows(heardOf(caller, 'Media Bot'), SIGNAL);
    for (const page of [caller, agent]) {
      await shows(page.getByRole('status').first(), 'The room has been closed: the call is over.');
    }
  });

  it('should end on Ctrl-C, and say so on its page', async () => {
    await press(caller, 'Join the call');
    await shows(caller.getByRole('status').first(), 'You are in the call playground-2.');
    await shows(region(caller, 'Call Service'), 'The bot is in the room');
    expect(await playground().stop()).to.equal(0);
    await shows(caller.getByRole('status').first(), 'the call is over.');
    await press(caller, 'Join the call');
    await shows(caller.getByRole('status').first(), 'The playground does not answer.');
  });
});
