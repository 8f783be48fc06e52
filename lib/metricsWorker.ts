import { Counter, Gauge, Registry } from 'prom-client';
import type { Refusal } from './admission.js';
import { type CallMetrics, createCallMetrics } from './metricsCalls.js';
import { createEventLoopMetrics, type EventLoopMetrics } from './metricsEventLoop.js';
import type { Snapshot } from './metricsSnapshot.js';
import type { UsedMemory } from './usedMemory.js';

/** Told what the worker does, and how it fares. */
export interface WorkerMetrics extends CallMetrics, EventLoopMetrics {
  /** A job was accepted, or refused for a reason. */
  answered(refusal: Refusal | undefined): void;
  /** The host of a call has died: another takes it over, or the call is given up. */
  tookOver(outcome: 'taken_over' | 'given_up'): void;
  /** A request came to the port of webhooks, and was one of LiveKit's, or not. */
  webhook(outcome: 'received' | 'refused'): void;
  /** A bot was lost with its pod, and another has come, or none would. */
  succeeded(outcome: 'dispatched' | 'failed'): void;
  /** A call host has died, or has retired: it takes no more calls. */
  hostLeft(how: 'died' | 'retired'): void;
  /** The worker fares like this now. */
  fares(status: { readonly registered: boolean; readonly calls: number }): void;
  /** So many hosts can take a call, and so many are starting or not replaced yet. */
  hosts(ready: number, missing: number): void;
  /** Measured CPU load, 0 to 1. */
  load(load: number): void;
  /** What each process uses. */
  memory(used: UsedMemory): void;
  /** Everything counted so far. */
  snapshot(): Promise<Snapshot>;
}

const REFUSALS = [
  'draining',
  'no_host',
  'overloaded',
  'no_memory',
  'bot_present',
] as const satisfies Refusal[];

/** Creates the metrics of the worker's own process. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  return {
    ...createJobMetrics(registry),
    ...createSuccessionMetrics(registry),
    ...createCallMetrics(registry),
    ...createStateMetrics(registry),
    ...createEventLoopMetrics(registry, 'worker'),
    snapshot: () => registry.getMetricsAsJSON(),
  } satisfies WorkerMetrics;
}

function createJobMetrics(
  registry: Registry,
): Pick<WorkerMetrics, 'answered' | 'tookOver' | 'hostLeft'> {
  const accepted = new Counter({
    name: 'media_bot_jobs_accepted_total',
    help: 'Jobs that were accepted',
    registers: [registry],
  });
  const refused = new Counter({
    name: 'media_bot_jobs_refused_total',
    help: 'Jobs that were refused by reason: draining, no_host, overloaded, no_memory or bot_present',
    labelNames: ['reason'],
    registers: [registry],
  });
  const takeovers = new Counter({
    name: 'media_bot_takeovers_total',
    help: 'Calls whose host has died, by outcome: taken_over by another host, or given_up',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const left = new Counter({
    name: 'media_bot_hosts_left_total',
    help: 'Call hosts that died, or retired: took no more calls and left with their last one',
    labelNames: ['how'],
    registers: [registry],
  });
  for (const how of ['died', 'retired']) left.inc({ how }, 0);
  for (const outcome of ['taken_over', 'given_up']) takeovers.inc({ outcome }, 0);
  for (const reason of REFUSALS) refused.inc({ reason }, 0);
  return {
    answered: (reason) => (reason === undefined ? accepted.inc() : refused.inc({ reason })),
    tookOver: (outcome) => takeovers.inc({ outcome }),
    hostLeft: (how) => left.inc({ how }),
  };
}

function createSuccessionMetrics(registry: Registry): Pick<WorkerMetrics, 'webhook' | 'succeeded'> {
  const webhooks = new Counter({
    name: 'media_bot_webhooks_total',
    help: "Requests to the port of webhooks, by outcome: received, or refused as not LiveKit's",
    labelNames: ['outcome'],
    registers: [registry],
  });
  const successors = new Counter({
    name: 'media_bot_successors_total',
    help: 'Bots that were lost with their pod, by outcome: dispatched, another has come, or failed',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['received', 'refused']) webhooks.inc({ outcome }, 0);
  for (const outcome of ['dispatched', 'failed']) successors.inc({ outcome }, 0);
  return {
    webhook: (outcome) => webhooks.inc({ outcome }),
    succeeded: (outcome) => successors.inc({ outcome }),
  };
}

function createStateMetrics(
  registry: Registry,
): Pick<WorkerMetrics, 'fares' | 'hosts' | 'load' | 'memory'> {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const calls = gauge('media_bot_calls', 'Calls that are promised or live');
  const registered = gauge('media_bot_registered', 'Whether LiveKit has this worker on its list');
  const hosts = gauge('media_bot_hosts', 'Call hosts by state: ready or missing', ['state']);
  const load = gauge('media_bot_load_ratio', 'CPU load of the container or machine, 0 to 1');
  const memory = gauge('media_bot_memory_bytes', 'Memory by process: worker, host 1 and so on', [
    'process',
  ]);
  const showHosts = (ready: number, missing: number) => {
    hosts.set({ state: 'ready' }, ready);
    hosts.set({ state: 'missing' }, missing);
  };
  showHosts(0, 0);
  return {
    fares: (status) => {
      calls.set(status.calls);
      registered.set(Number(status.registered));
    },
    hosts: showHosts,
    load: (value) => load.set(value),
    memory: (used) => {
      memory.reset();
      for (const [process, bytes] of used) memory.set({ process }, bytes);
    },
  };
}
