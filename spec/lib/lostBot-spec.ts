import { expect } from 'chai';
import { AgentDispatch, WebhookEvent } from 'livekit-server-sdk';
import { dispatchOf, type LostBot, lostBot } from '../../lib/lostBot.js';

const BOT = 'media-bot-73c91d86';
type Fields = Readonly<Record<string, unknown>>;

/** As livekit-server 1.13.5 tells it of a bot whose processes were killed. */
const event = (participant: Fields = {}, fields: Fields = {}) =>
  WebhookEvent.fromJsonString(
    JSON.stringify({
      ...{ event: 'participant_left', id: 'EV_1', createdAt: '1795448457' },
      room: { sid: 'RM_1', name: 'call-1' },
      participant: {
        ...{ sid: 'PA_1', identity: BOT, state: 'DISCONNECTED', kind: 'AGENT' },
        ...{ joinedAt: '1795448446', disconnectReason: 'CONNECTION_TIMEOUT' },
        attributes: { 'lk.agent_name': 'media-bot', 'stt.enabled': 'true' },
        ...participant,
      },
      ...fields,
    }),
  );

const LOST: LostBot = {
  ...{ room: 'call-1', roomSid: 'RM_1', identity: BOT, stay: 11_000 },
  attributes: { 'lk.agent_name': 'media-bot', 'stt.enabled': 'true' },
};

describe('lostBot', () => {
  it('should be told by the departure of a bot that nothing is heard of', () => {
    expect(lostBot(event(), 'media-bot')).to.deep.equal(LOST);
  });

  it('should be told by a bot that has never quite been there', () => {
    const aborted = event({}, { event: 'participant_connection_aborted' });
    expect(lostBot(aborted, 'media-bot')).to.deep.equal(LOST);
  });

  for (const disconnectReason of [
    'SIGNAL_CLOSE',
    'STATE_MISMATCH',
    'JOIN_FAILURE',
    'MEDIA_FAILURE',
  ]) {
    it(`should be told by ${disconnectReason}`, () => {
      expect(lostBot(event({ disconnectReason }), 'media-bot')).to.deep.equal(LOST);
    });
  }

  for (const disconnectReason of [
    ...['CLIENT_INITIATED', 'PARTICIPANT_REMOVED', 'DUPLICATE_IDENTITY', 'ROOM_DELETED'],
    ...['ROOM_CLOSED', 'MIGRATION', 'SERVER_SHUTDOWN'],
  ]) {
    it(`should not be told by ${disconnectReason}, which somebody meant`, () => {
      expect(lostBot(event({ disconnectReason }), 'media-bot')).to.equal(undefined);
    });
  }

  for (const [what, told] of [
    ['a human', event({ kind: 'SIP' })],
    ['another agent', event({ identity: 'scribe', attributes: { 'lk.agent_name': 'scribe' } })],
    ['the arrival of a bot', event({}, { event: 'participant_joined' })],
    ['a room', event({}, { event: 'room_finished' })],
    ['an event without a participant', event({}, { participant: undefined })],
    ['an event without a room', event({}, { room: undefined })],
  ] as const) {
    it(`should not be told by ${what}`, () => {
      expect(lostBot(told, 'media-bot')).to.equal(undefined);
    });
  }
});

describe('dispatchOf', () => {
  const dispatch = (id: string, agentName: string, ...jobs: readonly Fields[]) =>
    AgentDispatch.fromJsonString(
      JSON.stringify({
        ...{ id, agentName, room: 'call-1' },
        state: { jobs: jobs.map((state) => ({ room: { sid: 'RM_1' }, state })) },
      }),
    );
  const job = (participantIdentity: string, startedAt: number, status = 'JS_RUNNING') => ({
    ...{ participantIdentity, startedAt: String(startedAt), status },
  });
  const idFor = (...listed: readonly AgentDispatch[]) => dispatchOf(LOST, listed, 'media-bot')?.id;

  it('should be the one whose job the lost bot had', () => {
    const own = dispatch('AD_1', 'media-bot', job(BOT, 1));
    expect(idFor(dispatch('AD_0', ''), own, dispatch('AD_2', 'media-bot'))).to.equal('AD_1');
    expect(idFor(own, dispatch('AD_2', 'scribe', job('scribe', 2)))).to.equal('AD_1');
    expect(idFor(dispatch('AD_2', 'media-bot', job('media-bot-0', 0)), own)).to.equal('AD_1');
  });

  it('should be none where it was deleted', () => {
    expect(idFor()).to.equal(undefined);
    expect(idFor(dispatch('AD_0', ''), dispatch('AD_2', 'media-bot'))).to.equal(undefined);
  });

  it('should be found where another bot came later, and has not stayed', () => {
    const own = dispatch('AD_1', 'media-bot', job(BOT, 1));
    const later = dispatch('AD_2', 'media-bot', job('media-bot-2', 2));
    expect(idFor(later, own)).to.equal('AD_1');
  });

  it('should be none where the job is done', () => {
    expect(idFor(dispatch('AD_1', 'media-bot', job(BOT, 1, 'JS_SUCCESS')))).to.equal(undefined);
  });

  it("should be none of an earlier room's", () => {
    const listed = [dispatch('AD_1', 'media-bot', job(BOT, 1))];
    const earlier = { ...LOST, roomSid: 'RM_0' };
    expect(dispatchOf(earlier, listed, 'media-bot')).to.equal(undefined);
  });
});
