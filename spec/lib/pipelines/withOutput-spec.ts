import { expect } from 'chai';
import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { withOutput } from '../../../lib/pipelines/withOutput.js';
import type { AudioOutput } from '../../../operators/types.js';
import { sineFrame } from '../../support/frames.js';

/** What playback keeps ahead of the listener, in milliseconds. */
const LEAD = 200;

describe('withOutput', () => {
  const made = (calls: string[]): AudioOutput => ({
    queued: () => 7,
    write: () => Promise.resolve(void calls.push('write')),
    cut: () => Promise.resolve(void calls.push('cut')),
  });

  it('should begin at once with an output that is full, and becomes the one that is made', async () => {
    const calls: string[] = [];
    const output$ = new Subject<AudioOutput>();
    let output: AudioOutput | undefined;
    const playing = withOutput(output$, (given) => {
      output = given;
      return NEVER;
    }).subscribe({ error: () => calls.push('error') });
    expect(output?.queued()).to.be.above(LEAD);
    await output?.cut();
    expect(calls).to.deep.equal([]);
    output$.next(made(calls));
    expect(output?.queued()).to.equal(7);
    await output?.write(sineFrame(440, 480));
    await output?.cut();
    expect(calls).to.deep.equal(['write', 'cut']);
    playing.unsubscribe();
    expect(output$.observed).to.equal(false);
  });

  it('should emit what the project emits, whether or not there is an output', () => {
    const values: string[] = [];
    withOutput(EMPTY, () => of('answer')).subscribe({
      next: (value) => values.push(value),
      error: () => values.push('error'),
    });
    expect(values).to.deep.equal(['answer']);
  });

  it('should error where no output can be made', () => {
    const failure = new Error('no output');
    const seen: unknown[] = [];
    withOutput(
      throwError(() => failure),
      () => NEVER,
    ).subscribe({ error: (error: unknown) => seen.push(error) });
    expect(seen).to.deep.equal([failure]);
  });
});
