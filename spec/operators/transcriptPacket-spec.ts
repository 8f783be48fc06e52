import { expect } from 'chai';
import { type SpokenTranscript, transcriptPacket } from '../../operators/transcriptPacket.js';

const TRANSCRIPT: SpokenTranscript = {
  id: '1c7cd4ef-5e0f-4c44-a3c0-77a3c2a65d02',
  text: 'Hello, is anybody there?',
  language: 'en',
  confidence: 0.98,
  provider: 'deepgram',
  model: 'nova-3',
  startMs: 1_795_359_168_942,
  endMs: 1_795_359_171_011,
  sentiment: {
    compound: 0.44,
    pos: 0.3,
    neu: 0.7,
    neg: 0,
    label: 'positive',
    supported: true,
  },
  speaker: { identity: 'caller', name: 'The Caller', kind: 'SIP', trackSid: 'TR_caller' },
  commandId: 'command',
  held: false,
};
const SESSION = { session: 'PA_bot', room: 'room' };

/** As it arrives. */
const received = (change: Partial<SpokenTranscript> = {}, seq = 7): unknown =>
  JSON.parse(JSON.stringify(transcriptPacket({ ...TRANSCRIPT, ...change }, SESSION, seq)));

describe('transcriptPacket', () => {
  it('should be version 1 of the contract, and nothing else', () => {
    expect(received()).to.deep.equal({
      type: 'FINAL_TRANSCRIPT',
      version: 1,
      id: '1c7cd4ef-5e0f-4c44-a3c0-77a3c2a65d02',
      session: 'PA_bot',
      seq: 7,
      room: 'room',
      command_id: 'command',
      participant: { identity: 'caller', name: 'The Caller', kind: 'SIP' },
      track_sid: 'TR_caller',
      held: false,
      text: 'Hello, is anybody there?',
      language: 'en',
      provider: 'deepgram',
      model: 'nova-3',
      confidence: 0.98,
      start_ms: 1_795_359_168_942,
      end_ms: 1_795_359_171_011,
      sentiment: {
        compound: 0.44,
        pos: 0.3,
        neu: 0.7,
        neg: 0,
        label: 'positive',
        supported: true,
      },
    });
  });

  it('should say null for what the provider does not tell', () => {
    expect(received({ confidence: undefined, language: undefined })).to.include({
      confidence: null,
      language: null,
    });
  });

  it('should tell no confidence from none at all', () => {
    expect(received({ confidence: 0 })).to.include({ confidence: 0 });
  });

  it('should say whether the speaker was on hold', () => {
    expect(received({ held: true })).to.include({ held: true });
  });

  it('should round times to whole milliseconds', () => {
    expect(received({ startMs: 1_000.5, endMs: 1_999.4 })).to.include({
      start_ms: 1_001,
      end_ms: 1_999,
    });
  });
});
