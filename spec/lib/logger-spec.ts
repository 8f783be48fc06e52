import { expect } from 'chai';
import type { Observable } from 'rxjs';
import { recordedLogger } from '../support/recordedLogger.js';
import { seenSoFar } from '../support/seenSoFar.js';

type Line = Record<string, unknown>;

const only = (output: Observable<string>): Line => {
  const lines = seenSoFar(output);
  expect(lines).to.have.length(1);
  return JSON.parse(lines[0]!) as Line;
};

describe('createLogger', () => {
  it('should write one line of JSON per event, line breaks or not', () => {
    const [logger, output] = recordedLogger('info', { process: 'worker' });
    logger.error('two\nlines', { error: new Error('more\nlines') });
    expect(seenSoFar(output)[0]!.trimEnd()).not.to.include('\n');
    const line = only(output);
    expect(line).to.include({ level: 'error', message: 'two\nlines', process: 'worker' });
    expect(new Date(String(line.timestamp)).getTime()).to.be.closeTo(Date.now(), 10_000);
  });

  it('should leave out what is below its level', () => {
    const [logger, output] = recordedLogger('warn', { process: 'worker' });
    logger.info('quiet');
    logger.warn('loud');
    expect(only(output).message).to.equal('loud');
  });

  it("should add a child's fields, and those of its child, to every line", () => {
    const [logger, output] = recordedLogger('info', { process: 'worker' });
    logger.child({ room: 'r' }).child({ job: 'j' }).info('hello', { participantSid: 'PA_1' });
    expect(only(output)).to.include({
      process: 'worker',
      room: 'r',
      job: 'j',
      participantSid: 'PA_1',
    });
  });

  it('should show identities at DEBUG only', () => {
    const [logger, output] = recordedLogger('debug', { process: 'worker' });
    logger.info('joined', { identity: 'alice' });
    logger.debug('joined', { identity: 'alice' });
    const [atInfo, atDebug] = seenSoFar(output);
    expect(atInfo).not.to.include('alice');
    expect(atDebug).to.include('alice');
  });

  for (const name of [
    'token',
    'apiSecret',
    'api_key',
    'Authorization',
    'password',
    'transcript',
    'text',
  ]) {
    it(`should hide the value of a field named ${name}, however deep`, () => {
      const [logger, output] = recordedLogger('debug', { process: 'worker' });
      logger.debug('event', { [name]: 'hidden-value', nested: [{ [name]: 'hidden-value' }] });
      expect(seenSoFar(output).join()).not.to.include('hidden-value');
    });
  }

  it('should hide tokens, credentials, queries and fragments in any text, errors included', () => {
    const [logger, output] = recordedLogger('debug', { process: 'worker' });
    const cause = new Error('GET https://user:hidden-1@a.example/x.mp3?sig=hidden-2#hidden-3');
    logger.error('wss://lk.example/rtc?access_token=hidden-4', {
      error: new Error('Bearer eyJhbGciOi.hidden-5.hidden-6', { cause }),
    });
    expect(seenSoFar(output).join()).not.to.match(/hidden-\d/);
    expect(seenSoFar(output).join())
      .to.include('a.example/x.mp3')
      .and.to.include('wss://lk.example/rtc');
  });

  it("should keep an error's name, message, code and cause", () => {
    const [logger, output] = recordedLogger('info', { process: 'worker' });
    const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' });
    logger.error('failed', { error: new Error('outer', { cause }) });
    const error = only(output).error as Line;
    expect(error).to.include({ name: 'Error', message: 'outer' });
    expect(error.cause).to.include({ name: 'TypeError', message: 'inner', code: 'E_INNER' });
  });

  it('should survive an object that holds itself', () => {
    const [logger, output] = recordedLogger('info', { process: 'worker' });
    const loop: Line = { name: 'loop' };
    loop.self = loop;
    logger.info('event', { loop });
    expect(only(output).loop).to.include({ name: 'loop' });
  });
});
