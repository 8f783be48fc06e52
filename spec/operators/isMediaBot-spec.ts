import { expect } from 'chai';
import { isMediaBot } from '../../operators/isMediaBot.js';

describe('isMediaBot', () => {
  const named = { 'lk.agent_name': 'media-bot' };

  it('should know an agent by its agent name', () => {
    expect(isMediaBot({ identity: 'a', isAgent: true, attributes: named }, 'media-bot')).to.be.true;
    expect(isMediaBot({ identity: 'a', isAgent: true, attributes: named }, 'other')).to.be.false;
  });

  it('should know an agent by its identity', () => {
    const bot = { identity: 'media-bot-1', isAgent: true, attributes: {} };
    expect(isMediaBot(bot, 'other')).to.be.true;
    expect(isMediaBot({ ...bot, identity: 'atlas' }, 'other')).to.be.false;
  });

  it('should not take anybody else for one, whatever they call themselves', () => {
    const human = { identity: 'media-bot-1', isAgent: false, attributes: named };
    expect(isMediaBot(human, 'media-bot')).to.be.false;
  });
});
