import { expect } from 'chai';
import {
  type Circuit,
  type CircuitContext,
  type CircuitEvent,
  CLOSED,
  nextCircuit,
  refusal,
} from '../../../lib/stt/circuit.js';
import { failure } from '../../support/scriptedProvider.js';

const NOW = 1_000_000;
const context = (change: Partial<CircuitContext> = {}): CircuitContext => ({
  now: NOW,
  random: 1,
  longestCoolDown: 10_000,
  ...change,
});

const SERVED: CircuitEvent = { type: 'served' };
const PROBED: CircuitEvent = { type: 'probed' };
const LEFT: CircuitEvent = { type: 'left' };
const failed = (...args: Parameters<typeof failure>): CircuitEvent => ({
  type: 'failed',
  error: failure(...args),
});
const FAILED = failed('retry');

const after = (events: readonly CircuitEvent[], change?: Partial<CircuitContext>): Circuit =>
  events.reduce((circuit, event) => nextCircuit(circuit, event, context(change)), CLOSED);

/** Cool-downs of a provider that keeps failing. */
function coolDowns(
  count: number,
  failing: CircuitEvent,
  change?: Partial<CircuitContext>,
): number[] {
  const lasting: number[] = [];
  let circuit: Circuit = CLOSED;
  while (lasting.length < count) {
    circuit = nextCircuit(circuit, failing, context(change));
    if (circuit.status === 'open') {
      lasting.push(circuit.until - NOW);
      circuit = nextCircuit(circuit, PROBED, context(change));
    }
  }
  return lasting;
}

describe('nextCircuit', () => {
  it('should stay closed while requests are served, as the same object', () => {
    expect(after([SERVED, LEFT, PROBED])).to.equal(CLOSED);
  });

  it('should open after three failures in a row', () => {
    expect(after([FAILED, FAILED])).to.deep.equal({ status: 'closed', failures: 2 });
    expect(after([FAILED, failed('throttle'), FAILED])).to.include({ status: 'open', openings: 1 });
  });

  it('should forget failures when a request is served, and not when one is given up', () => {
    expect(after([FAILED, FAILED, SERVED, FAILED])).to.include({ status: 'closed', failures: 1 });
    expect(after([FAILED, FAILED, LEFT, FAILED]).status).to.equal('open');
  });

  it('should open at once for a failure that is fatal, or says when to return', () => {
    expect(after([failed('fatal')]).status).to.equal('open');
    expect(after([failed('throttle', 0)]).status).to.equal('open');
    expect(after([failed('retry', 3_000)]).status).to.equal('open');
  });

  it('should learn nothing from other requests while it is open', () => {
    const open = after([failed('fatal')]);
    for (const event of [SERVED, FAILED, LEFT]) {
      expect(nextCircuit(open, event, context())).to.equal(open);
    }
  });

  it('should close when the request that tries it out is served', () => {
    const probing = after([failed('fatal'), PROBED]);
    expect(probing.status).to.equal('probing');
    expect(nextCircuit(probing, SERVED, context())).to.equal(CLOSED);
    expect(nextCircuit(probing, PROBED, context())).to.equal(probing);
  });

  it('should open again when that request fails, and may be tried at once when it is given up', () => {
    const probing = after([failed('fatal'), PROBED]);
    expect(nextCircuit(probing, FAILED, context())).to.include({ status: 'open', openings: 2 });
    const left = nextCircuit(probing, LEFT, context());
    expect(left).to.include({ status: 'open', openings: 1, until: NOW });
  });

  it('should be open for longer each time, up to the longest cool-down', () => {
    expect(coolDowns(5, FAILED)).to.deep.equal([2_000, 4_000, 8_000, 10_000, 10_000]);
    const longer = coolDowns(7, FAILED, { longestCoolDown: 60_000 });
    expect(longer.slice(4)).to.deep.equal([32_000, 60_000, 60_000]);
  });

  it('should be open for minutes when a second utterance fails fatally too', () => {
    expect(coolDowns(4, failed('fatal'))).to.deep.equal([5_000, 40_000, 300_000, 300_000]);
  });

  it('should be open for as long as the provider wants to be left alone, within ten minutes', () => {
    expect(coolDowns(2, failed('throttle', 30_000))).to.deep.equal([30_000, 30_000]);
    expect(coolDowns(1, failed('throttle', 86_400_000))).to.deep.equal([600_000]);
  });

  it('should leave half of a cool-down to chance, and none of the time that it is told', () => {
    expect(coolDowns(2, FAILED, { random: 0 })).to.deep.equal([1_000, 2_000]);
    expect(coolDowns(1, failed('throttle', 3_000), { random: 0 })).to.deep.equal([3_000]);
  });
});

describe('refusal', () => {
  const open = after([FAILED, FAILED, FAILED]);
  const told = (circuit: Circuit, now: number) => {
    const error = refusal(circuit, 'groq', now);
    return error && { kind: error.kind, retryAfter: error.retryAfter };
  };

  it('should refuse nothing while the circuit is closed', () => {
    expect(told(CLOSED, NOW)).to.equal(undefined);
  });

  it('should say how much of the cool-down is left, and refuse nothing after it', () => {
    expect(told(open, NOW + 500)).to.deep.equal({ kind: 'retry', retryAfter: 1_500 });
    expect(told(open, NOW + 2_000)).to.equal(undefined);
  });

  it('should refuse all others while one request tries it out', () => {
    const probing = nextCircuit(open, PROBED, context());
    expect(told(probing, NOW + 60_000)).to.deep.equal({ kind: 'retry', retryAfter: 1_000 });
  });

  it('should be fatal once two utterances failed fatally, not after the first', () => {
    const once = after([failed('fatal')]);
    expect(told(once, NOW)).to.deep.equal({ kind: 'retry', retryAfter: 5_000 });
    const twice = after([failed('fatal'), PROBED, failed('fatal')]);
    expect(told(twice, NOW)).to.deep.equal({ kind: 'fatal', retryAfter: undefined });
  });

  it('should name the provider and hold what opened the circuit', () => {
    const error = refusal(open, 'groq', NOW);
    expect(error?.message).to.equal('groq is left alone after failures');
    expect(error?.cause).to.have.property('message', 'scripted');
  });
});
