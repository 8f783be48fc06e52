import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

/*
 * Loaded into the worker before its program where no call shall be refused for want of a processor:
 * callers and server, which share the machine here and nowhere else, are none of its load. As far
 * as it can tell nobody has used the machine since it started. Runs as plain JavaScript.
 */
const { cpus } = os;
const started = cpus();

os.cpus = () =>
  cpus().map((cpu, core) => {
    const then = started[core]!.times;
    const total = Object.values(cpu.times).reduce((sum, ms) => sum + ms, 0);
    const { user, nice, sys, irq } = then;
    return { ...cpu, times: { ...then, idle: total - user - nice - sys - irq } };
  });
syncBuiltinESMExports();
