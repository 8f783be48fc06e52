import { expect } from 'chai';
import { roomKept } from '../../operators/roomKept.js';
import type { PlayCommand } from '../../operators/types.js';

const busyTone: PlayCommand = {
  verb: 'play',
  id: 'busy',
  url: 'https://assets.example/busy.mp3',
  loop: false,
  onEnd: 'close',
};

const commanded = (loop: boolean, answer: Record<string, string> = {}) => ({
  'media.command': 'play',
  'media.asset_url': 'https://assets.example/a.mp3',
  'media.loop': String(loop),
  'media.command_id': 'id',
  ...answer,
});
const answered = (status: string) => ({
  'media.status_command_id': 'id',
  'media.status': status,
});

describe('roomKept', () => {
  it('should let the room close where nobody else is busy', () => {
    expect(roomKept(busyTone, [])).to.equal(undefined);
    expect(roomKept(busyTone, [{}, { 'sip.callID': 'x' }])).to.equal(undefined);
    for (const status of ['stopped', 'ended', 'failed']) {
      expect(roomKept(busyTone, [commanded(false, answered(status))]), status).to.equal(undefined);
    }
  });

  it('should keep a room that shall be kept', () => {
    expect(roomKept({ ...busyTone, onEnd: 'keep' }, [])).to.equal('media.on_end is keep');
  });

  const busy = {
    'is playing': commanded(false, answered('playing')),
    'is about to play': commanded(false),
    'plays a newer command than was answered': {
      ...commanded(false),
      'media.status_command_id': 'older',
      'media.status': 'ended',
    },
    'is held': { 'media.held': 'true' },
    'is held without its music': commanded(true, answered('failed')),
  };
  for (const [what, attributes] of Object.entries(busy)) {
    it(`should keep the room while somebody else ${what}`, () => {
      const reason = roomKept(busyTone, [{}, attributes]);
      expect(reason).to.equal('another participant is held or playing');
    });
  }

  it('should not be kept by a stopped hold or by a command that was refused', () => {
    const stopped = { ...commanded(true, answered('stopped')), 'media.command': 'stop' };
    const nonsense = { ...commanded(true), 'media.command': 'sing' };
    expect(roomKept(busyTone, [stopped, nonsense])).to.equal(undefined);
  });
});
