import { EventEmitter } from 'node:events';
import { queryObjects } from 'node:v8';

import { Subscriber } from 'rxjs';

/*
 * Loaded into a process before its program: at SIGUSR2 it collects the garbage and writes a line
 * with the objects that are still alive, as JSON like the lines of the product. Runs as plain
 * JavaScript.
 */
const count = (constructor: abstract new (...args: never[]) => unknown) =>
  queryObjects(constructor, { format: 'count' });

process.on('SIGUSR2', () => {
  const alive = {
    message: 'alive',
    pid: process.pid,
    subscribers: count(Subscriber),
    emitters: count(EventEmitter),
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  };
  process.stdout.write(`${JSON.stringify(alive)}\n`);
});
