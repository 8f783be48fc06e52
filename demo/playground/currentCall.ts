import { type CallService, openCall } from '../callService.js';
import type { ServerAccess } from '../participants/mintToken.js';

/** The one call of the playground: opened by whoever joins first, and anew once it is over. */
export interface CurrentCall {
  /** The call, opened now if there is none. */
  readonly open: () => Promise<CallService>;
  /** The call, if there is one. */
  readonly present: () => Promise<CallService | undefined>;
  readonly close: () => Promise<void>;
}

/** Keeps one call at a time; every one gets a room, and so a bot, of its own. */
export function createCurrentCall(server: ServerAccess): CurrentCall {
  let last: Promise<CallService | undefined> = Promise.resolve(undefined);
  let count = 0;
  const whileOpen = async (call: CallService | undefined) => {
    if (call === undefined) return undefined;
    if ((await call.rooms.listRooms([call.room])).length > 0) return call;
    await call.close();
    return undefined;
  };
  // One after the other, or two who join at once would each open a call.
  const next = (step: (call: CallService | undefined) => Promise<CallService | undefined>) => {
    const done = last.then(async (call) => step(await whileOpen(call)));
    last = done.catch(() => undefined);
    return done;
  };
  return {
    open: async () => {
      const call = await next(
        async (call) => call ?? openCall(server, { room: `playground-${(count += 1)}` }),
      );
      return call!;
    },
    present: () => next((call) => Promise.resolve(call)),
    close: async () => {
      await (await last)?.close();
    },
  };
}
