import { defer, isObservable, map, of, withLatestFrom } from 'rxjs';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { GainFactor, Milliseconds, PcmFrame } from './types.js';

/** Long enough to hide the step (zipper noise), short enough to follow a fader. */
const RAMP: Milliseconds = 20;

/**
 * Scales the loudness; what exceeds 16 bits is clipped to them.
 *
 *     source  --a---b---c---
 *     gain    1---0.5-------
 *     result  --a---b'--c'--        b' runs from 1 to 0.5 within 20 ms
 *
 * The first gain applies at once, a later one after a linear ramp of 20 ms from wherever the gain
 * stood. Frames that precede the first gain are dropped: give an observable that starts with one.
 */
export function scaleGain(
  gain: GainFactor | Observable<GainFactor>,
): MonoTypeOperatorFunction<PcmFrame> {
  const gains = isObservable(gain) ? gain : of(gain);
  return (source) =>
    defer(() => {
      let ramp: Ramp | undefined;
      return source.pipe(
        withLatestFrom(gains),
        map(([frame, target]) => {
          ramp ??= new Ramp(target);
          return ramp.apply(frame, target);
        }),
      );
    });
}

class Ramp {
  private target: GainFactor;
  private step: GainFactor = 0;

  constructor(private current: GainFactor) {
    this.target = current;
  }

  apply({ samples, sampleRate }: PcmFrame, target: GainFactor): PcmFrame {
    if (target !== this.target) {
      this.step = ((target - this.current) * 1000) / (RAMP * sampleRate);
      this.target = target;
    }
    const scaled = new Int16Array(samples.length);
    let i = 0;
    for (; this.current !== this.target && i < samples.length; i++) {
      this.advance();
      scaled[i] = clamp((samples[i] ?? 0) * this.current);
    }
    const { current } = this;
    for (; i < samples.length; i++) scaled[i] = clamp((samples[i] ?? 0) * current);
    return { samples: scaled, sampleRate };
  }

  private advance(): void {
    const next = this.current + this.step;
    const arrived = this.step > 0 ? next >= this.target : next <= this.target;
    this.current = arrived ? this.target : next;
  }
}

function clamp(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
