import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { catchError, filter, ignoreElements, merge, type Observable, of, toArray } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import type { PhraseBook } from '../../demo/providers/phraseBook.js';
import { SttError, type SttErrorKind } from '../../operators/sttError.js';
import type { LanguageTag, SpeechToText, Utterance } from '../../operators/types.js';
import { spokenUtterance, startSpeaking } from './spokenUtterance.js';
import { TONE_PHRASES, tonePhraseBook } from './tonePhrases.js';

/**
 * What a provider does wrong to every request. `refused`: the key is wrong. `throttled`: too many
 * requests. `unavailable`: out of order. `silent`: takes everything and never answers.
 */
export type ProviderFault = 'refused' | 'throttled' | 'unavailable' | 'silent';

/** A new adapter, and the stand-in of its provider that it talks to. */
export interface SpeechToTextStage {
  /** The adapter, with deadlines of some two seconds at most. */
  readonly stt: SpeechToText;
  /** The key that the adapter was given. */
  readonly apiKey: string;
  /** A language that the provider is used for. */
  readonly language: LanguageTag;
  /** How many connections (ws) or requests (HTTP) have come to the stand-in so far. */
  readonly requests: () => number;
  /** How many of them are open now, at once, then each change. */
  readonly open: Observable<number>;
  /** What goes wrong from now on, and `undefined` for nothing. */
  readonly fail: (fault: ProviderFault | undefined) => void;
  /** Stops the stand-in; once. From then on nobody listens at its address. */
  readonly close: () => Promise<void>;
}

/** Opens a stage; the stand-in shall understand with this phrase book. */
export type SetUpSpeechToText = (phraseBook: PhraseBook) => Promise<SpeechToTextStage>;

const SOON = 20_000;
const SECOND = 16_000;
const [MORNING, QUESTION] = [TONE_PHRASES[0]!, TONE_PHRASES[1]!];

/** What every adapter of a provider has to keep to, whatever its provider is like. */
export function describeSpeechToText(name: string, setUp: SetUpSpeechToText): void {
  describe(`${name} as a SpeechToText`, () => {
    let stage: SpeechToTextStage;
    let close: () => Promise<void>;

    beforeEach(async () => {
      stage = await setUp(tonePhraseBook);
      let closed: Promise<void> | undefined;
      close = () => (closed ??= stage.close());
    });
    afterEach(() => close());

    const transcribe = (utterance: Utterance) => stage.stt.transcribe(utterance, stage.language);
    const openAre = (count: number) =>
      firstWithin(stage.open.pipe(filter((open) => open === count)), SOON, `${count} open`);
    const textsOf = async (...utterances: readonly Utterance[]): Promise<readonly string[]> => {
      const all = merge(...utterances.map(transcribe)).pipe(toArray());
      return (await firstWithin(all, SOON, 'the end of the transcription')).map(({ text }) => text);
    };
    const failureOf = (utterance: Utterance): Promise<unknown> => {
      const failure = transcribe(utterance).pipe(
        ignoreElements(),
        catchError((error: unknown) => of(error)),
      );
      return firstWithin(failure, SOON, 'a failure');
    };

    it('should give the text of an utterance once, and complete', async () => {
      const transcription = transcribe(spokenUtterance(MORNING.samples)).pipe(toArray());
      const recognitions = await firstWithin(transcription, SOON, 'the end of the transcription');
      expect(recognitions).to.have.length(1);
      const { confidence, ...recognition } = recognitions[0]!;
      const { provider, model } = stage.stt;
      const language = stage.language.split('-')[0];
      expect(recognition).to.deep.equal({ text: MORNING.text, language, provider, model });
      if (confidence !== undefined) expect(confidence).to.be.within(0, 1);
    });

    it('should give no text before the utterance is over', async () => {
      const { utterance, say, pause } = startSpeaking();
      let isOver = false;
      const heard = textsOf(utterance).then((texts) => ({ texts, isOver }));
      for (let at = 0; at < SECOND; at += SECOND / 20) {
        say(MORNING.samples.slice(at, at + SECOND / 20));
        await sleep(10);
      }
      isOver = true;
      pause();
      expect(await heard).to.deep.equal({ texts: [MORNING.text], isOver: true });
    });

    it('should complete without a text where nothing was said', async () => {
      expect(await textsOf(spokenUtterance(new Int16Array(SECOND)))).to.deep.equal([]);
    });

    it('should understand several utterances at the same time', async () => {
      const texts = await textsOf(...TONE_PHRASES.map(({ samples }) => spokenUtterance(samples)));
      expect(texts).to.have.members(TONE_PHRASES.map(({ text }) => text));
    });

    it('should make one request for each subscription, and none before', async () => {
      const question = transcribe(spokenUtterance(QUESTION.samples));
      for (const requests of [0, 1, 2]) {
        expect(stage.requests()).to.equal(requests);
        const { text } = await firstWithin(question, SOON, 'a text');
        expect(text).to.equal(QUESTION.text);
      }
    });

    it('should start again with the whole utterance after a failure', async () => {
      const { utterance, say, pause } = startSpeaking();
      stage.fail('unavailable');
      const failure = failureOf(utterance);
      say(QUESTION.samples);
      pause();
      expect(await failure).to.be.instanceOf(SttError);
      stage.fail(undefined);
      expect(await textsOf(utterance)).to.deep.equal([QUESTION.text]);
    });

    it('should leave nothing open after the text', async () => {
      expect(await textsOf(spokenUtterance(MORNING.samples))).to.have.length(1);
      await openAre(0);
    });

    it('should give up its request as soon as it is unsubscribed', async () => {
      stage.fail('silent');
      const subscription = transcribe(spokenUtterance(MORNING.samples)).subscribe();
      await openAre(1);
      subscription.unsubscribe();
      await openAre(0);
      expect(stage.requests()).to.equal(1);
    });

    const failures: Readonly<Record<ProviderFault, SttErrorKind>> = {
      refused: 'fatal',
      throttled: 'throttle',
      unavailable: 'retry',
      silent: 'retry',
    };
    for (const [fault, kind] of Object.entries(failures)) {
      it(`should call a provider that is ${fault} a failure of kind ${kind}`, async () => {
        stage.fail(fault as ProviderFault);
        const error = await failureOf(spokenUtterance(MORNING.samples));
        expect(error).to.be.instanceOf(SttError).with.property('kind', kind);
        expect(inspect(error)).not.to.include(stage.apiKey);
        expect(stage.requests()).to.equal(1);
        await openAre(0);
      });
    }

    it('should call for a retry where nobody listens', async () => {
      await close();
      const error = await failureOf(spokenUtterance(MORNING.samples));
      expect(error).to.be.instanceOf(SttError).with.property('kind', 'retry');
      expect(inspect(error)).not.to.include(stage.apiKey);
    });
  });
}
