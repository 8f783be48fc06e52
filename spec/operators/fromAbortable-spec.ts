import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { catchError, lastValueFrom, type Observable, of } from 'rxjs';
import { fromAbortable } from '../../operators/fromAbortable.js';

/** A request that is answered, or fails, when the test says so. */
function startRequest<T>() {
  const signals: AbortSignal[] = [];
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [
    () => undefined,
    () => undefined,
  ];
  const request = (signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<T>((...settle) => ([resolve, reject] = settle));
  };
  return {
    request,
    signals,
    resolve: (value: T) => resolve(value),
    reject: (error: Error) => reject(error),
  };
}

/** The answer or the error. */
const settled = (source: Observable<string>) =>
  lastValueFrom(source.pipe(catchError((error: unknown) => of(error))), {
    defaultValue: 'nothing',
  });

describe('fromAbortable', () => {
  it('should make a request for each subscription, and none before', () => {
    const { request, signals } = startRequest<string>();
    const source = fromAbortable(request);
    expect(signals).to.have.length(0);
    const subscriptions = [source.subscribe(), source.subscribe()];
    expect(signals).to.have.length(2);
    expect(signals[0]).not.to.equal(signals[1]);
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  it('should emit the answer and complete', async () => {
    const { request, resolve } = startRequest<string>();
    const answer = settled(fromAbortable(request));
    resolve('answer');
    expect(await answer).to.equal('answer');
  });

  it('should pass a failure on', async () => {
    const { request, reject } = startRequest<string>();
    const failure = settled(fromAbortable(request));
    const error = new Error('failed');
    reject(error);
    expect(await failure).to.equal(error);
  });

  it('should pass on what the request throws', async () => {
    const error = new Error('thrown');
    const source = fromAbortable<string>(() => {
      throw error;
    });
    expect(await settled(source)).to.equal(error);
  });

  it('should abort the request when it is unsubscribed, and hear no more of it', async () => {
    const { request, signals, resolve } = startRequest<string>();
    const heard: string[] = [];
    const subscription = fromAbortable(request).subscribe({
      next: (answer) => heard.push(answer),
      error: (error: unknown) => heard.push(String(error)),
    });
    expect(signals[0]!.aborted).to.equal(false);
    subscription.unsubscribe();
    expect(signals[0]!.aborted).to.equal(true);
    resolve('late');
    await setImmediate();
    expect(heard).to.deep.equal([]);
  });

  it('should not mind a request that fails because it was aborted', async () => {
    const { request, reject } = startRequest<string>();
    const errors: unknown[] = [];
    fromAbortable(request)
      .subscribe({ error: (error: unknown) => errors.push(error) })
      .unsubscribe();
    reject(new Error('aborted'));
    await setImmediate();
    expect(errors).to.deep.equal([]);
  });
});
