import { Observable, type Subscriber } from 'rxjs';

/** A number of bytes that several things share. What is in use is never taken away. */
export interface ByteBudget {
  /** Takes `bytes`, evicting what idles, the longest unused first. False: there is no room. */
  reserve(bytes: number): boolean;
  /** Gives `bytes` back. */
  release(bytes: number): void;
  /** Subscribed by what idles, for as long as it does. Emits when it has to go: it must release. */
  readonly evicted$: Observable<void>;
  /** Evicts all that idles. */
  clear(): void;
}

/**
 * A budget of `maxBytes`, all free.
 *
 * @param onChange told how many bytes are taken, at each change.
 */
export function createByteBudget(
  maxBytes: number,
  onChange: (reserved: number) => void = () => undefined,
): ByteBudget {
  const idle = new Set<Subscriber<void>>();
  let reserved = 0;

  const change = (by: number) => {
    reserved += by;
    onChange(reserved);
  };
  const evictUntil = (isEnough: () => boolean) => {
    for (const subscriber of idle) {
      if (isEnough()) return;
      subscriber.next();
    }
  };
  return {
    reserve(bytes) {
      const fits = () => reserved + bytes <= maxBytes;
      evictUntil(fits);
      if (!fits()) return false;
      change(bytes);
      return true;
    },
    clear: () => evictUntil(() => false),
    release: (bytes) => change(-bytes),
    evicted$: new Observable((subscriber) => {
      idle.add(subscriber);
      return () => idle.delete(subscriber);
    }),
  };
}
