import { expect } from 'chai';
import {
  type TranscriptAudience,
  transcriptReceivers,
} from '../../operators/transcriptReceivers.js';

/** A caller, a colleague, and an assistant that is an agent. */
const PEOPLE = [
  { identity: 'caller', isAgent: false },
  { identity: 'colleague', isAgent: false },
  { identity: 'assistant', isAgent: true },
];

/** Who is sent what the caller says. */
const receivers = (held: readonly string[], change: Partial<TranscriptAudience> = {}) =>
  transcriptReceivers('caller', {
    people: PEOPLE,
    held: new Set(held),
    to: 'all',
    bothWays: false,
    ...change,
  });

describe('transcriptReceivers', () => {
  it('should be everybody where nobody is left out', () => {
    expect(receivers([])).to.equal('everybody');
    expect(receivers([], { bothWays: true })).to.equal('everybody');
  });

  it('should be a list even where the one on hold is away, who may be back unnoticed', () => {
    expect(receivers(['somebody else'])).to.deep.equal(['caller', 'colleague', 'assistant']);
  });

  it('should be everybody where nobody is in the room that could be told apart', () => {
    expect(receivers([], { people: [] })).to.equal('everybody');
  });

  it('should leave out whoever is on hold', () => {
    expect(receivers(['colleague'])).to.deep.equal(['caller', 'assistant']);
    expect(receivers(['colleague', 'assistant'])).to.deep.equal(['caller']);
  });

  it('should leave a speaker on hold out of their own words', () => {
    expect(receivers(['caller'])).to.deep.equal(['colleague', 'assistant']);
  });

  it('should be nobody where all are on hold', () => {
    expect(receivers(['caller', 'colleague', 'assistant'])).to.deep.equal([]);
  });

  describe('where a hold hides both ways', () => {
    it('should be agents alone for the words of somebody on hold', () => {
      expect(receivers(['caller'], { bothWays: true })).to.deep.equal(['assistant']);
    });

    it('should not change who hears of the words of others', () => {
      expect(receivers(['colleague'], { bothWays: true })).to.deep.equal(['caller', 'assistant']);
    });
  });

  describe('where transcripts are for agents', () => {
    it('should be agents alone, a list even where nobody is on hold', () => {
      expect(receivers([], { to: 'agents' })).to.deep.equal(['assistant']);
    });

    it('should leave out an agent on hold', () => {
      expect(receivers(['assistant'], { to: 'agents' })).to.deep.equal([]);
    });

    it('should be nobody where no agent is in the room', () => {
      const people = PEOPLE.slice(0, 2);
      expect(receivers([], { to: 'agents', people })).to.deep.equal([]);
    });
  });
});
