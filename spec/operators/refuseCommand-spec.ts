import { expect } from 'chai';
import { refuseCommand } from '../../operators/refuseCommand.js';
import type { Command } from '../../operators/types.js';

const stop: Command = { verb: 'stop', id: 'x', deleted: false };
const nonsense: Command = { verb: 'invalid', id: 'x', reason: 'unknown command' };
const caller = { kind: 'SIP', human: true, commandsItself: false };

describe('refuseCommand', () => {
  it('should let a human target be commanded', () => {
    expect(refuseCommand(stop, caller)).to.equal(undefined);
  });

  it('should refuse an invalid command with its reason', () => {
    expect(String(refuseCommand(nonsense, caller))).to.equal('invalid_command: unknown command');
  });

  it('should refuse any command on somebody without ears', () => {
    const agent = { kind: 'AGENT', human: false, commandsItself: false };
    expect(String(refuseCommand(stop, agent))).to.equal(
      'invalid_command: a participant of kind AGENT hears nothing',
    );
  });

  it('should refuse any command on a target that could have set it itself', () => {
    const refusal = refuseCommand(stop, { ...caller, commandsItself: true });
    expect(refusal?.code).to.equal('forbidden');
  });
});
