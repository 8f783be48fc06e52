import { expect } from 'chai';
import { parseCommand } from '../../operators/parseCommand.js';
import type { Attributes } from '../../operators/types.js';

const play: Attributes = {
  'media.command': 'play',
  'media.asset_url': 'https://assets.example/hold.mp3',
  'media.loop': 'true',
  'media.command_id': 'A',
};

const without = (key: string): Attributes =>
  Object.fromEntries(Object.entries(play).filter(([name]) => name !== key));

const reasonOf = (attributes: Attributes) => {
  const command = parseCommand(attributes);
  return command.verb === 'invalid' ? command.reason : undefined;
};

describe('parseCommand', () => {
  it('should read a play command', () => {
    expect(parseCommand(play)).to.deep.equal({
      verb: 'play',
      id: 'A',
      url: 'https://assets.example/hold.mp3',
      loop: true,
      onEnd: 'close',
    });
  });

  it('should read a stop command, whatever else the map holds', () => {
    expect(parseCommand({ ...play, 'media.command': 'stop', 'media.loop': 'maybe' })).to.deep.equal(
      {
        verb: 'stop',
        id: 'A',
        deleted: false,
      },
    );
  });

  it('should read a missing and an empty command as a deletion with the id that is left', () => {
    const deletion = { verb: 'stop', id: 'A', deleted: true };
    expect(parseCommand(without('media.command'))).to.deep.equal(deletion);
    expect(parseCommand({ ...play, 'media.command': '' })).to.deep.equal(deletion);
  });

  it('should read the map of somebody never commanded as a deletion', () => {
    expect(parseCommand({})).to.include({ verb: 'stop', deleted: true });
    expect(parseCommand({ 'sip.callID': 'x' })).to.deep.equal(parseCommand({}));
  });

  it('should refuse an unknown verb', () => {
    expect(reasonOf({ ...play, 'media.command': 'Play' })).to.equal(
      'media.command is neither play nor stop: Play',
    );
  });

  it('should refuse a play without an address', () => {
    expect(reasonOf(without('media.asset_url'))).to.equal('media.asset_url is missing');
    expect(reasonOf({ ...play, 'media.asset_url': '' })).to.equal('media.asset_url is missing');
  });

  it('should not loop unless told to, and refuse what is neither true nor false', () => {
    expect(parseCommand(without('media.loop'))).to.include({ loop: false });
    expect(parseCommand({ ...play, 'media.loop': '' })).to.include({ loop: false });
    expect(parseCommand({ ...play, 'media.loop': 'false' })).to.include({ loop: false });
    for (const loop of ['TRUE', '1', 'constructor', '__proto__']) {
      expect(reasonOf({ ...play, 'media.loop': loop })).to.equal(
        'media.loop is neither true nor false',
      );
    }
  });

  it('should close the room at the end unless told to keep it, and refuse anything else', () => {
    expect(parseCommand({ ...play, 'media.on_end': '' })).to.include({ onEnd: 'close' });
    expect(parseCommand({ ...play, 'media.on_end': 'close' })).to.include({ onEnd: 'close' });
    expect(parseCommand({ ...play, 'media.on_end': 'keep' })).to.include({ onEnd: 'keep' });
    expect(reasonOf({ ...play, 'media.on_end': 'Keep' })).to.equal(
      'media.on_end is neither close nor keep',
    );
  });

  it('should take an id of 128 characters and refuse a longer one, naming its beginning', () => {
    const longest = 'x'.repeat(128);
    expect(parseCommand({ ...play, 'media.command_id': longest })).to.include({
      verb: 'play',
      id: longest,
    });
    expect(parseCommand({ ...play, 'media.command_id': `${longest}y` })).to.deep.equal({
      verb: 'invalid',
      id: longest,
      reason: 'media.command_id is longer than 128 characters',
    });
  });

  it('should make up an id from command, address and loop where none is given', () => {
    const base = without('media.command_id');
    const { id } = parseCommand(base);
    expect(id).to.match(/^auto:[0-9a-f]{16}$/);
    expect(parseCommand({ ...base, 'media.command_id': '' }).id).to.equal(id);
    expect(parseCommand({ ...base, 'media.on_end': 'keep' }).id).to.equal(id);
    expect(parseCommand({ ...base, 'media.command': 'stop' }).id).to.not.equal(id);
    expect(parseCommand({ ...base, 'media.command': '' }).id).to.not.equal(id);
    expect(parseCommand({ ...base, 'media.asset_url': 'https://b.example' }).id).to.not.equal(id);
    expect(parseCommand({ ...base, 'media.loop': 'false' }).id).to.not.equal(id);
  });

  it('should give a missing loop and a loop of false the same made-up id', () => {
    const base = without('media.command_id');
    const missing = parseCommand({ ...base, 'media.loop': '' });
    expect(missing.id).to.equal(parseCommand({ ...base, 'media.loop': 'false' }).id);
  });
});
