import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  bufferCount,
  catchError,
  filter,
  ignoreElements,
  interval,
  map,
  type Observable,
  of,
  throwError,
  toArray,
} from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import type { DeepgramFault } from '../../../demo/providers/deepgramFault.js';
import {
  type DeepgramStandIn,
  type DeepgramStandInOptions,
  startDeepgramStandIn,
} from '../../../demo/providers/deepgramStandIn.js';
import { SttError, type SttErrorKind } from '../../../operators/sttError.js';
import type { LanguageTag, Utterance } from '../../../operators/types.js';
import { createDeepgram } from '../../../streams/stt/deepgram.js';
import { unreachable } from '../../../streams/stt/deepgramError.js';
import { openDeepgramTransport } from '../../../streams/stt/deepgramTransport.js';
import { describeSpeechToText, type ProviderFault } from '../../support/describeSpeechToText.js';
import { seenSoFar } from '../../support/seenSoFar.js';
import { spokenUtterance, startSpeaking } from '../../support/spokenUtterance.js';
import { TONE_PHRASES, tonePhraseBook } from '../../support/tonePhrases.js';

const API_KEY = 'deepgram-key-of-the-spec';
/** A busy machine meets the long ones, and only a spec that waits for one has it short. */
const DEADLINES = { connect: 10_000, finalize: 200, silence: 10_000, stall: 100, close: 10_000 };
const SOON = 20_000;
const SECOND = 16_000;
const QUESTION = TONE_PHRASES[1]!;

/** Tells whether the SDK was loaded before the first subscription, and after. */
const WATCH_SCRIPTS = `
  import { Session } from 'node:inspector';
  import { EMPTY } from 'rxjs';
  let isLoaded = false;
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => (isLoaded ||= params.url.includes('@deepgram')));
  session.post('Debugger.enable');
  const { createDeepgram } = await import('./streams/stt/deepgram.ts');
  const [connect, close, silence, stall] = new Array(4).fill(600_000);
  const deadlines = { connect, finalize: 0, close, silence, stall };
  const stt = createDeepgram({ apiKey: '${API_KEY}', baseUrl: process.env.BASE_URL, deadlines });
  const transcription = stt.transcribe({ audio: EMPTY }, 'en');
  const before = isLoaded;
  transcription.subscribe({
    complete: () => console.log('before: ' + before + ', after: ' + isLoaded),
  });
`;

/** Transcribes with so much patience that the process would outlive it. */
const TRANSCRIBE = `
  import { createDeepgram } from './streams/stt/deepgram.ts';
  import { spokenUtterance } from './spec/support/spokenUtterance.ts';
  import { TONE_PHRASES } from './spec/support/tonePhrases.ts';
  const [connect, finalize, close, silence, stall] = new Array(5).fill(600_000);
  const deadlines = { connect, finalize, close, silence, stall };
  const stt = createDeepgram({ apiKey: '${API_KEY}', baseUrl: process.env.BASE_URL, deadlines });
  const utterance = spokenUtterance(TONE_PHRASES[1].samples);
  stt.transcribe(utterance, 'en').subscribe(({ text }) => console.log(text));
`;

/** What a script writes, once its process has ended by itself. */
async function runScript(script: string, baseUrl: string): Promise<string> {
  const args = ['--import', 'tsx', '--input-type', 'module', '--eval', script];
  const env = { ...process.env, BASE_URL: baseUrl };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 55_000 });
  return stdout.trim();
}

const refusal = (status: number, code: string, retryAfter?: number): DeepgramFault => ({
  type: 'refuse',
  status,
  code,
  message: `${code} in words`,
  ...(retryAfter !== undefined && { retryAfter }),
});

const FAULTS: Readonly<Record<ProviderFault, DeepgramFault>> = {
  refused: refusal(401, 'INVALID_AUTH'),
  throttled: refusal(429, 'TOO_MANY_REQUESTS'),
  unavailable: refusal(503, 'UNAVAILABLE'),
  silent: { type: 'silent' },
};

describeSpeechToText('deepgram', async (phraseBook) => {
  const standIn = await startDeepgramStandIn({ apiKey: API_KEY, phraseBook });
  return {
    ...standIn,
    stt: createDeepgram({
      apiKey: API_KEY,
      baseUrl: standIn.url,
      deadlines: { ...DEADLINES, close: 2_000 },
    }),
    apiKey: API_KEY,
    language: 'en-US',
    fail: (fault) => standIn.fail(fault && FAULTS[fault]),
  };
});

describe('deepgram', () => {
  let standIn: DeepgramStandIn;

  const start = async (options: Partial<DeepgramStandInOptions> = {}) => {
    standIn = await startDeepgramStandIn({
      apiKey: API_KEY,
      phraseBook: tonePhraseBook,
      ...options,
    });
  };
  beforeEach(() => start());
  afterEach(() => standIn.close());

  const restart = async (options: Partial<DeepgramStandInOptions>) => {
    await standIn.close();
    await start(options);
  };

  const transcribe = (utterance: Utterance, language?: LanguageTag, deadlines = DEADLINES) =>
    createDeepgram({ apiKey: API_KEY, baseUrl: standIn.url, deadlines }).transcribe(
      utterance,
      language,
    );
  const question = (language?: LanguageTag, deadlines = DEADLINES) =>
    transcribe(spokenUtterance(QUESTION.samples), language, deadlines);
  const first = <T>(source: Observable<T>) => firstWithin(source, SOON, 'the first value');
  const failureOf = (transcription: Observable<unknown>): Promise<SttError> =>
    first(
      transcription.pipe(
        ignoreElements(),
        catchError((error: unknown) => of(error as SttError)),
      ),
    );
  const openAre = (count: number) => first(standIn.open.pipe(filter((open) => open === count)));

  it('should ask for the transcription of 16 kHz audio whose end it tells itself', async () => {
    await first(question('en'));
    expect(Object.fromEntries(standIn.queries()[0]!)).to.deep.equal({
      model: 'nova-3',
      language: 'en',
      encoding: 'linear16',
      sample_rate: '16000',
      channels: '1',
      interim_results: 'true',
      punctuate: 'true',
      endpointing: 'false',
      no_delay: 'true',
    });
    expect(standIn.audioSeconds()).to.be.closeTo(1, 1e-9);
  });

  const spellings: readonly (readonly [LanguageTag | undefined, string])[] = [
    ['en', 'en'],
    ['EN', 'en'],
    ['EN-us', 'en-US'],
    ['en-gb', 'en-GB'],
    [undefined, 'multi'],
  ];
  for (const [tag, language] of spellings) {
    it(`should ask for ${language} where the language is ${tag ?? 'unknown'}`, async () => {
      expect((await first(question(tag))).language).to.equal('en');
      expect(standIn.queries()[0]!.get('language')).to.equal(language);
    });
  }

  for (const language of ['tlh', 'en_US', '']) {
    it(`should be refused the language '${language}', once and for all`, async () => {
      expect(await failureOf(question(language))).to.have.property('kind', 'fatal');
    });
  }

  it('should send the voice as it comes, and keep the connection while it stalls', async () => {
    await restart({ idleMs: 2_000 });
    const { utterance, say, pause } = startSpeaking();
    const text = first(transcribe(utterance));
    say(QUESTION.samples.slice(0, SECOND / 2));
    const keepAlives = standIn.messages.pipe(filter((type) => type === 'KeepAlive'));
    await first(keepAlives.pipe(bufferCount(25)));
    expect(standIn.audioSeconds()).to.be.closeTo(0.5, 1e-9);
    say(QUESTION.samples.slice(SECOND / 2));
    pause();
    expect((await text).text).to.equal(QUESTION.text);
    expect(standIn.requests()).to.equal(1);
  });

  it('should put the pieces of the text together, longer ones with more weight', async () => {
    standIn.fail({ type: 'pieces' });
    const { text, confidence } = await first(question());
    expect(text).to.equal(QUESTION.text);
    expect(confidence).to.be.closeTo((0.5 + 0.8 + 0.8) / 3, 1e-9);
  });

  it('should not mind messages that it does not know', async () => {
    standIn.fail({ type: 'noise' });
    expect((await first(question())).text).to.equal(QUESTION.text);
  });

  for (const type of ['ignoreFinalize', 'speechFinal'] as const) {
    it(`should have Deepgram close where Finalize has no answer: ${type}`, async () => {
      standIn.fail({ type });
      expect((await first(question())).text).to.equal(QUESTION.text);
      await openAre(0);
      expect(seenSoFar(standIn.messages)).to.deep.equal(['Finalize', 'CloseStream']);
    });
  }

  it('should wait for an answer that takes long, rather than lose the last words', async () => {
    const recognise = ({ length }: Int16Array) => (length > SECOND ? 'All of it.' : 'A part.');
    await restart({ delayMs: DEADLINES.finalize + 100, phraseBook: { recognise } });
    const long = spokenUtterance(new Int16Array(1.5 * SECOND));
    expect((await first(transcribe(long))).text).to.equal('All of it.');
  });

  it('should wait for an answer that comes word by word', async () => {
    const deadlines = { ...DEADLINES, close: 2_000 };
    // Three words: together they take longer than the deadline, each by far not.
    standIn.fail({ type: 'slow', eachMs: 0.4 * deadlines.close });
    expect((await first(question(undefined, deadlines))).text).to.equal(QUESTION.text);
  });

  it('should take the text so far where Deepgram does not even close', async () => {
    standIn.fail({ type: 'deaf' });
    // By then its interim result has to be here.
    expect((await first(question(undefined, { ...DEADLINES, close: 2_000 }))).text).to.equal(
      QUESTION.text,
    );
    await openAre(0);
  });

  it('should complete without a text where nothing was said, nor an answer given', async () => {
    standIn.fail({ type: 'ignoreFinalize' });
    const silence = transcribe(spokenUtterance(new Int16Array(SECOND)));
    expect(await first(silence.pipe(toArray()))).to.deep.equal([]);
    await openAre(0);
  });

  it('should complete without a text where there was no audio', async () => {
    standIn.fail({ type: 'stay' });
    const nothing = transcribe(spokenUtterance(new Int16Array()));
    expect(await first(nothing.pipe(toArray()))).to.deep.equal([]);
  });

  it('should let Deepgram close the connection behind the text', async () => {
    await first(question());
    expect(await first(standIn.closes)).to.equal(1000);
    expect(seenSoFar(standIn.messages)).to.deep.equal(['Finalize', 'CloseStream']);
  });

  it('should leave nothing behind that keeps a process from ending', async () => {
    expect(await runScript(TRANSCRIBE, standIn.url)).to.equal(QUESTION.text);
  });

  it('should not wait for the close with the text, nor for long', async () => {
    standIn.fail({ type: 'stay' });
    await first(question(undefined, { ...DEADLINES, close: 500 }));
    expect(seenSoFar(standIn.closes)).to.deep.equal([]);
    expect(await first(standIn.closes)).to.equal(1006);
  });

  const refusals: readonly (readonly [status: number, code: string, kind: SttErrorKind])[] = [
    [400, 'Bad Request', 'fatal'],
    [401, 'INVALID_AUTH', 'fatal'],
    [402, 'ASR_PAYMENT_REQUIRED', 'fatal'],
    [403, 'INSUFFICIENT_PERMISSIONS', 'fatal'],
    [408, 'TIMEOUT', 'retry'],
    [429, 'TOO_MANY_REQUESTS', 'throttle'],
    [500, 'INTERNAL', 'retry'],
    [503, 'UNAVAILABLE', 'retry'],
  ];
  for (const [status, code, kind] of refusals) {
    it(`should call a refusal with ${status} a failure of kind ${kind}`, async () => {
      standIn.fail(refusal(status, code));
      const error = await failureOf(question());
      expect(error).to.include({ kind, retryAfter: undefined });
      expect(error.message).to.equal(`Deepgram refused the connection: ${status} ${code} in words`);
      await openAre(0);
    });
  }

  it('should be refused with a key that Deepgram does not know', async () => {
    const stt = createDeepgram({ apiKey: 'another', baseUrl: standIn.url, deadlines: DEADLINES });
    const error = await failureOf(stt.transcribe(spokenUtterance(QUESTION.samples), 'en'));
    expect(error).to.have.property('kind', 'fatal');
    expect(error.message).to.equal('Deepgram refused the connection: 401 Invalid credentials.');
  });

  it('should tell for how long Deepgram wants to be left alone', async () => {
    standIn.fail(refusal(429, 'TOO_MANY_REQUESTS', 7));
    expect(await failureOf(question())).to.include({ kind: 'throttle', retryAfter: 7_000 });
  });

  const closes: readonly (readonly [code: number, reason: string, kind: SttErrorKind])[] = [
    [1000, '', 'retry'],
    [1005, '', 'retry'],
    [1008, 'DATA-0000', 'fatal'],
    [1011, 'NET-0000', 'retry'],
    [1012, 'restart', 'retry'],
  ];
  for (const [code, reason, kind] of closes) {
    it(`should call a close with ${code} in mid-utterance a failure of kind ${kind}`, async () => {
      standIn.fail({ type: 'close', code, reason, atMs: 500 });
      // Never told to close, which a late `Finalize` would come to.
      const error = await failureOf(question(undefined, { ...DEADLINES, finalize: SOON }));
      expect(error).to.have.property('kind', kind);
      expect(error.message).to.include(`${code} ${reason}`.trim());
      await openAre(0);
    });
  }

  it('should call for a retry where Deepgram breaks down as it is told to close', async () => {
    standIn.fail({ type: 'close', code: 1011, reason: 'NET-0000', atMs: Infinity });
    const error = await failureOf(transcribe(spokenUtterance(new Int16Array())));
    expect(error).to.have.property('kind', 'retry');
  });

  it('should call for a retry where the connection is reset in mid-utterance', async () => {
    standIn.fail({ type: 'reset', atMs: 500 });
    expect(await failureOf(question())).to.have.property('kind', 'retry');
  });

  it('should call for a retry where Deepgram ends a connection that it heard nothing on', async () => {
    await restart({ idleMs: 100 });
    const { utterance } = startSpeaking();
    const error = await failureOf(transcribe(utterance, 'en', { ...DEADLINES, stall: 10_000 }));
    expect(error).to.have.property('kind', 'retry');
    expect(error.message).to.include('1011').and.include('net0001');
  });

  it('should call for a retry where the handshake stalls', async () => {
    standIn.fail({ type: 'stall' });
    const failure = failureOf(question(undefined, { ...DEADLINES, connect: 1_000 }));
    expect(await failure).to.have.property('kind', 'retry');
    await openAre(0);
  });

  it('should call for a retry where Deepgram falls silent before it has said a word', async () => {
    standIn.fail({ type: 'deaf' });
    const tooShortForAnInterim = spokenUtterance(QUESTION.samples.slice(0, SECOND / 2));
    const error = await failureOf(
      transcribe(tooShortForAnInterim, undefined, { ...DEADLINES, close: 500 }),
    );
    expect(error).to.include({ kind: 'retry', message: 'Deepgram has fallen silent' });
    await openAre(0);
  });

  it('should call for a retry where Deepgram falls silent in mid-utterance', async () => {
    standIn.fail({ type: 'silent' });
    const frame = { samples: new Int16Array(SECOND / 50), sampleRate: SECOND };
    const audio = interval(20).pipe(map(() => frame));
    const voice = { ...startSpeaking().utterance, audio };
    const deadlines = { ...DEADLINES, silence: 500 };
    const error = await failureOf(transcribe(voice, undefined, deadlines));
    expect(error).to.include({ kind: 'retry', message: 'Deepgram has fallen silent' });
    await openAre(0);
  });

  it('should call for a retry where Deepgram does not take the audio', async () => {
    const tenMinutes = spokenUtterance(new Int16Array(600 * SECOND));
    const error = await failureOf(transcribe(tenMinutes));
    expect(error).to.include({ kind: 'retry', message: 'Deepgram does not take the audio' });
    await openAre(0);
  });

  it('should name a failure that has a code alone, as that of a name with two addresses', () => {
    const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    expect(unreachable(refused).message).to.equal('Deepgram cannot be reached: ECONNREFUSED');
  });

  it('should call what it does not expect fatal', async () => {
    const cause = new Error('no microphone');
    const error = await failureOf(
      transcribe({ ...startSpeaking().utterance, audio: throwError(() => cause) }),
    );
    expect(error).to.be.instanceOf(SttError).and.include({ kind: 'fatal', cause });
    await openAre(0);
  });

  it('should not ask for a connection that nobody wants any more', async () => {
    question().subscribe().unsubscribe();
    await first(question());
    expect(standIn.requests()).to.equal(1);
  });

  it('should be given up before anybody listens to its connection', async () => {
    await openDeepgramTransport(standIn.url, {}, DEADLINES.close).close(1001);
    await first(question());
    expect(standIn.requests()).to.equal(1);
  });

  it('should give up a handshake as soon as it is unsubscribed', async () => {
    standIn.fail({ type: 'stall' });
    const subscription = question().subscribe();
    await openAre(1);
    subscription.unsubscribe();
    await openAre(0);
  });

  it('should close in mid-utterance as soon as it is unsubscribed, without goodbye', async () => {
    const { utterance } = startSpeaking();
    const subscription = transcribe(utterance).subscribe();
    await first(standIn.messages.pipe(filter((type) => type === 'KeepAlive')));
    subscription.unsubscribe();
    expect(await first(standIn.closes)).to.equal(1006);
    expect(seenSoFar(standIn.messages)).not.to.include('CloseStream');
  });

  it('should load the SDK with the first utterance, not before', async () => {
    const loaded = await runScript(WATCH_SCRIPTS, standIn.url);
    expect(loaded).to.equal('before: false, after: true');
  });
});
