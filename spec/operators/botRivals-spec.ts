import { expect } from 'chai';
import { botRivals, type RoomBot } from '../../operators/botRivals.js';

const bot = (identity: string, attributes: Record<string, string> = {}): RoomBot => ({
  identity,
  sid: `PA_${identity}`,
  attributes,
});
const relieving = (identity: string, relieved: string) =>
  bot(identity, { 'media-bot.relieves': relieved });
const yielded = (identity: string) => bot(identity, { 'media-bot.yielded': '{}' });

const rivals = (me: RoomBot, ...others: RoomBot[]) =>
  botRivals(me, others).map(({ identity }) => identity);

describe('botRivals', () => {
  it('should be nobody where nobody is', () => {
    expect(rivals(bot('a'))).to.deep.equal([]);
  });

  it('should be every bot that has nothing to do with this one', () => {
    expect(rivals(bot('a'), bot('b'), bot('c'))).to.deep.equal(['b', 'c']);
  });

  it('should not be a bot that this one relieves, nor one that relieves it', () => {
    expect(rivals(relieving('b', 'a'), bot('a'))).to.deep.equal([]);
    expect(rivals(bot('a'), relieving('b', 'a'))).to.deep.equal([]);
  });

  it('should not be a bot that this one relieves with another in between', () => {
    const [b, c] = [relieving('b', 'a'), relieving('c', 'b')];
    expect(rivals(c, bot('a'), b)).to.deep.equal([]);
    expect(rivals(bot('a'), b, c)).to.deep.equal([]);
  });

  it('should be a bot that relieves the same one', () => {
    const [b, c] = [relieving('b', 'a'), relieving('c', 'a')];
    expect(rivals(b, bot('a'), c)).to.deep.equal(['c']);
    expect(rivals(c, bot('a'), b)).to.deep.equal(['b']);
    expect(rivals(bot('a'), b, c)).to.deep.equal([]);
  });

  it('should be a bot that relieves one that is not there', () => {
    expect(rivals(bot('a'), relieving('b', 'gone'))).to.deep.equal(['b']);
  });

  it('should not be a bot that only finishes something, nor anybody for that one', () => {
    expect(rivals(bot('b'), yielded('a'))).to.deep.equal([]);
    expect(rivals(yielded('a'), bot('b'))).to.deep.equal([]);
  });

  it('should not be a bot that was found dead when this one was sent', () => {
    const me = bot('c', { 'media-bot.outlives': 'a b' });
    expect(rivals(me, bot('a'), bot('b'), bot('d'))).to.deep.equal(['d']);
    expect(rivals(bot('a'), me)).to.deep.equal(['c']);
  });

  it('should not follow two for ever that claim to relieve each other', () => {
    expect(rivals(bot('c'), relieving('a', 'b'), relieving('b', 'a'))).to.deep.equal(['a', 'b']);
    expect(rivals(relieving('a', 'b'), relieving('b', 'a'))).to.deep.equal([]);
  });
});
