import { expect } from 'chai';
import { BOT_ATTRIBUTES } from '../../operators/botAttributes.js';
import {
  type HandoverDuty,
  handoverDuty,
  ownCommand,
  type HandoverBot,
} from '../../operators/handoverDuty.js';
import { parseCommand } from '../../operators/parseCommand.js';

const bot = (identity: string, relieved?: string, ready = false): HandoverBot => ({
  identity,
  attributes: {
    ...(relieved !== undefined && { [BOT_ATTRIBUTES.relieves]: relieved }),
    ...(ready && { [BOT_ATTRIBUTES.ready]: 'true' }),
  },
});

describe('handoverDuty', () => {
  const cases: readonly [string, HandoverBot, readonly HandoverBot[], HandoverDuty][] = [
    ['a bot on its own', bot('me'), [], 'alone'],
    ['a bot beside one that it has nothing to do with', bot('me'), [bot('other')], 'alone'],
    ['a bot whose successor has just come', bot('me'), [bot('next', 'me')], 'alone'],
    ['a bot whose successor is ready', bot('me'), [bot('next', 'me', true)], 'yielding'],
    ['a successor that has just come', bot('me', 'old'), [bot('old')], 'arriving'],
    ['a successor that is ready', bot('me', 'old', true), [bot('old')], 'sharing'],
    ['a successor whose predecessor is gone', bot('me', 'old', true), [], 'alone'],
    [
      'a successor that is itself relieved',
      bot('me', 'old', true),
      [bot('old'), bot('next', 'me', true)],
      'yielding',
    ],
  ];
  for (const [who, self, others, duty] of cases) {
    it(`should be ${duty} for ${who}`, () => {
      expect(handoverDuty(self, others)).to.equal(duty);
    });
  }
});

describe('ownCommand', () => {
  const play = (id: string, loop: boolean) =>
    parseCommand({
      'media.command': 'play',
      'media.command_id': id,
      'media.asset_url': 'https://example.org/a.mp3',
      'media.loop': String(loop),
    });
  const commands = {
    hold: play('hold', true),
    shot: play('shot', false),
    stop: parseCommand({ 'media.command': 'stop', 'media.command_id': 'stop' }),
    invalid: parseCommand({ 'media.command': 'dance', 'media.command_id': 'dance' }),
    other: play('other', true),
    otherShot: play('otherShot', false),
  };
  type Name = keyof typeof commands;

  /** Whose each command is, one after the other. */
  const decided = (...steps: readonly [Name, HandoverDuty][]) =>
    steps.reduce((before: boolean[], [name, duty], step) => {
      const [last] = steps.slice(step - 1, step);
      const previous =
        step === 0 ? undefined : { command: commands[last![0]], isOwn: before.at(-1)! };
      return [...before, ownCommand(commands[name], duty, previous)];
    }, []);

  it('should be everything for a bot that is alone', () => {
    for (const name of Object.keys(commands) as Name[]) {
      expect(decided([name, 'alone']), name).to.deep.equal([true]);
    }
  });

  it('should be all but what plays once for one that arrives', () => {
    const arriving = (name: Name) => decided([name, 'arriving'])[0];
    expect(arriving('hold')).to.equal(true);
    expect(arriving('stop')).to.equal(true);
    expect(arriving('shot')).to.equal(false);
  });

  it('should leave what plays once to the other bot, and take what is newer', () => {
    expect(
      decided(
        ['shot', 'arriving'],
        ['shot', 'sharing'],
        ['otherShot', 'sharing'],
        ['hold', 'sharing'],
      ),
    ).to.deep.equal([false, false, true, true]);
  });

  it('should take what plays once when the other bot is gone', () => {
    expect(decided(['shot', 'arriving'], ['shot', 'alone'])).to.deep.equal([false, true]);
  });

  it('should leave alone what plays once for a bot that comes back while it shares', () => {
    expect(decided(['shot', 'sharing'])).to.deep.equal([false]);
    expect(decided(['hold', 'sharing'])).to.deep.equal([true]);
  });

  it('should be what plays once, to its end, for one that is relieved', () => {
    expect(decided(['hold', 'alone'], ['hold', 'yielding'])).to.deep.equal([true, false]);
    expect(decided(['shot', 'alone'], ['shot', 'yielding'], ['other', 'yielding'])).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(decided(['stop', 'yielding'])).to.deep.equal([false]);
  });

  it('should be everything again when a successor goes', () => {
    expect(decided(['hold', 'yielding'], ['hold', 'alone'])).to.deep.equal([false, true]);
  });

  it('should change nothing when a command cannot be understood', () => {
    expect(decided(['shot', 'alone'], ['invalid', 'yielding'])).to.deep.equal([true, true]);
    expect(decided(['shot', 'arriving'], ['invalid', 'arriving'])).to.deep.equal([false, false]);
    expect(decided(['invalid', 'arriving'])).to.deep.equal([true]);
  });
});
