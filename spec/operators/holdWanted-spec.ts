import { expect } from 'chai';
import { holdWanted } from '../../operators/holdWanted.js';
import { parseCommand } from '../../operators/parseCommand.js';
import type { Attributes } from '../../operators/types.js';

const caller = { kind: 'SIP', human: true, commandsItself: false };

const hold: Attributes = {
  'media.command': 'play',
  'media.asset_url': 'https://assets.example/music.mp3',
  'media.loop': 'true',
  'media.command_id': 'id',
};
const nameless: Attributes = { ...hold, 'media.command_id': '' };
const answered = (status: string, id = 'id'): Attributes => ({
  'media.status': status,
  'media.status_command_id': id,
});

describe('holdWanted', () => {
  const yes: Readonly<Record<string, Attributes>> = {
    'a loop that is not answered yet': hold,
    'a loop that plays': { ...hold, ...answered('playing') },
    'a loop whose asset cannot be had': { ...hold, ...answered('failed') },
    'a loop after an older command was stopped': { ...hold, ...answered('stopped', 'older') },
    'a loop after an older command has ended': { ...hold, ...answered('ended', 'older') },
    'a loop without an id': nameless,
  };
  const no: Readonly<Record<string, Attributes>> = {
    'a loop that was stopped': { ...hold, ...answered('stopped') },
    'a loop that has ended': { ...hold, ...answered('ended') },
    'a loop without an id that was stopped': {
      ...nameless,
      ...answered('stopped', parseCommand(nameless).id),
    },
    'a single shot': { ...hold, 'media.loop': 'false' },
    'a play that does not say': { ...hold, 'media.loop': '' },
    'a stop': { ...hold, 'media.command': 'stop' },
    'a command that was deleted': { ...hold, 'media.command': '' },
    'a map without any command': {},
  };
  for (const [wanted, maps] of [
    [true, yes],
    [false, no],
  ] as const) {
    for (const [what, attributes] of Object.entries(maps)) {
      it(`should ${wanted ? 'hold' : 'not hold'} for ${what}, whatever was before`, () => {
        expect(holdWanted(attributes, caller, false)).to.equal(wanted);
        expect(holdWanted(attributes, caller, true)).to.equal(wanted);
      });
    }
  }

  const stop: Attributes = { 'media.command': 'stop' };
  const agent = { kind: 'AGENT', human: false, commandsItself: false };
  const selfish = { kind: 'STANDARD', human: true, commandsItself: true };
  const asBefore = {
    'a verb that does not exist': [{ ...hold, 'media.command': 'sing' }, caller],
    'a loop that is neither true nor false': [{ ...hold, 'media.loop': 'maybe' }, caller],
    'a loop without an address': [{ ...hold, 'media.asset_url': '' }, caller],
    'a loop on somebody without ears': [hold, agent],
    'a stop on somebody without ears': [stop, agent],
    'a loop that the target could have set itself': [hold, selfish],
    'a stop that the target could have set itself': [stop, selfish],
    'the bare map of a target that could set it': [{}, selfish],
  } as const;
  for (const [what, [attributes, target]] of Object.entries(asBefore)) {
    it(`should leave things as they are for ${what}`, () => {
      expect(holdWanted(attributes, target, false)).to.equal(false);
      expect(holdWanted(attributes, target, true)).to.equal(true);
    });
  }
});
