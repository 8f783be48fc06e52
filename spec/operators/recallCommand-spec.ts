import { expect } from 'chai';
import { parseCommand } from '../../operators/parseCommand.js';
import { recallCommand } from '../../operators/recallCommand.js';

const play = (loop: boolean, answer: Record<string, string> = {}) => ({
  'media.command': 'play',
  'media.asset_url': 'https://assets.example/a.mp3',
  'media.loop': String(loop),
  'media.command_id': 'new',
  ...answer,
});
const answered = (id: string, status: string) => ({
  'media.status_command_id': id,
  'media.status': status,
});

describe('recallCommand', () => {
  it('should execute a command that nobody has answered', () => {
    expect(recallCommand(play(true))).to.deep.equal({
      executed: undefined,
      drainedBefore: undefined,
    });
  });

  for (const loop of [true, false]) {
    it(`should play again what was playing, loop=${String(loop)}`, () => {
      const found = recallCommand(play(loop, answered('new', 'playing')));
      expect(found).to.deep.equal({ executed: undefined, drainedBefore: undefined });
    });
  }

  it('should not play again what has ended, but check the closing rule', () => {
    const attributes = play(false, answered('new', 'ended'));
    expect(recallCommand(attributes)).to.deep.equal({
      executed: { id: 'new', verb: 'play' },
      drainedBefore: parseCommand(attributes),
    });
  });

  it('should do nothing about what was stopped', () => {
    const found = recallCommand(play(true, answered('new', 'stopped')));
    expect(found).to.deep.equal({
      executed: { id: 'new', verb: 'stop' },
      drainedBefore: undefined,
    });
  });

  it('should give failed hold music one new try, and a failed single shot none', () => {
    expect(recallCommand(play(true, answered('new', 'failed'))).executed).to.equal(undefined);
    expect(recallCommand(play(false, answered('new', 'failed'))).executed).to.deep.equal({
      id: 'new',
      verb: 'play',
    });
  });

  it('should execute a command that is newer than the last answer', () => {
    for (const status of ['playing', 'stopped', 'ended', 'failed']) {
      const { executed, drainedBefore } = recallCommand(play(false, answered('old', status)));
      expect(executed?.id, status).to.equal('old');
      expect(drainedBefore, status).to.equal(undefined);
    }
  });

  it('should see a command that was deleted while nobody looked as one to be stopped', () => {
    const deleted = { 'media.command_id': 'new', ...answered('new', 'playing') };
    expect(recallCommand(deleted).executed).to.deep.equal({ id: 'new', verb: 'play' });
  });
});
