import { randomUUID } from 'node:crypto';

import type { RoomServiceClient } from 'livekit-server-sdk';
import { debounceTime, filter, map, type Observable, take } from 'rxjs';

import { firstWithin } from '../demo/firstWithin.js';
import { type HeardWindow, now } from '../demo/participants/heardWindows.js';
import type { DemoParticipant } from '../demo/participants/joinRoom.js';
import { firstAudibleAt, lastAudibleAt } from './audibleAt.js';

const DEADLINE_MS = 15_000;
/** A silence this long is the end of the sound; shorter ones are lost packets. */
const QUIET_MS = 300;

/** Somebody to whom things are played, and who measures how long that takes. */
export class CommandedCaller {
  constructor(
    private readonly rooms: RoomServiceClient,
    private readonly room: string,
    private readonly ear: DemoParticipant,
  ) {}

  /** Has a url played. Resolves with the milliseconds from the call to the first sound. */
  play(url: string): Promise<number> {
    const command = { 'media.command': 'play', 'media.asset_url': url, 'media.loop': 'true' };
    return this.command(command, (heard) => heard.pipe(map(firstAudibleAt), filter(isHeard)));
  }

  /** Has it stopped. Resolves with the milliseconds from the call to the last sound. */
  stop(): Promise<number> {
    return this.command({ 'media.command': 'stop' }, (heard) =>
      heard.pipe(map(lastAudibleAt), filter(isHeard), debounceTime(QUIET_MS), take(1)),
    );
  }

  private async command(
    attributes: Record<string, string>,
    sound: (heard: Observable<HeardWindow>) => Observable<number>,
  ): Promise<number> {
    const asked = now();
    const heard = sound(this.ear.heard.pipe(filter(({ at }) => at >= asked)));
    const what = `${attributes['media.command']!} in ${this.room}`;
    const [at] = await Promise.all([
      firstWithin(heard, DEADLINE_MS, what),
      this.rooms.updateParticipant(this.room, this.ear.identity, {
        attributes: { ...attributes, 'media.command_id': randomUUID() },
      }),
    ]);
    return at - asked;
  }
}

function isHeard(at: number | undefined): at is number {
  return at !== undefined;
}
