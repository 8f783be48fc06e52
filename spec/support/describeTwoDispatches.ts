import { type RemoteParticipant, RoomEvent } from '@livekit/rtc-node';
import { expect } from 'chai';
import { filter, interval, map } from 'rxjs';
import { type BotProcess, type LogLine, startBot } from '../../demo/botProcess.js';
import { firstWithin } from '../../demo/firstWithin.js';
import { toneMp3 } from '../../demo/toneMp3.js';
import { botsIn } from './botsIn.js';
import { openScene, type Scene } from './scene.js';
import { seenSoFar } from './seenSoFar.js';
import { useScene } from './useScene.js';

const SOON = 60_000;
const MUSIC = 1_500;
/** A machine that is busy with others is full for a moment, and LiveKit has no queue. */
const AGAIN_AFTER = 5_000;
const LONGEST_ROUND = 20_000;
const LOOK = 50;
/** LiveKit picks workers by chance: one round in two is a tie. */
const ROUNDS_PER_TIE = 15;

/** How long it goes on. */
export interface Rounds {
  /** At least so many rounds. */
  readonly rounds: number;
  /** At least so many in which two workers have each sent a bot. */
  readonly ties: number;
}

/** What became of the dispatches to a room, as the workers' logs tell it. */
interface Fates {
  readonly refused: number;
  readonly assigned: number;
  readonly ended: number;
}

const UNKNOWN: Fates = { refused: 0, assigned: 0, ended: 0 };

function nextFates(fates: Fates, { message, reason, outcome }: LogLine): Fates {
  const { refused, assigned, ended } = fates;
  if (message === 'call assigned') return { ...fates, assigned: assigned + 1 };
  if (message === 'call turned away' && reason === 'bot_present')
    return { ...fates, refused: refused + 1 };
  if (message !== 'call ended') return fates;
  expect(outcome).to.equal('completed');
  return { ...fates, ended: ended + 1 };
}

/** Specs of two dispatches to one room at the same instant, with two workers to take them. */
export function describeTwoDispatches({ rounds, ties }: Rounds): void {
  describe(`${rounds} times two dispatches of the same instant`, function () {
    const mostRounds = rounds + ties * ROUNDS_PER_TIE;
    this.timeout(SOON + mostRounds * LONGEST_ROUND);
    const stage = useScene(async () => ({
      music: { body: await toneMp3([{ hz: MUSIC, ms: 3_000 }]) },
    }));
    let workers: readonly BotProcess[];

    before(async () => {
      const env = { MEDIA_BOT_ASSET_ORIGINS: stage.assets().origin };
      workers = await Promise.all([1, 2].map(() => startBot(stage.server(), { env })));
    });
    after(() => Promise.all(workers.map((worker) => worker.stop('SIGKILL'))));

    const fatesNow = (room: string): Fates =>
      workers
        .flatMap(({ logs }) => seenSoFar(logs))
        .filter((line) => line.room === room && line.process === 'worker')
        .reduce(nextFates, UNKNOWN);
    const fates = ({ service }: Scene, satisfy: (fates: Fates) => boolean, within = SOON) =>
      firstWithin(
        interval(LOOK).pipe(
          map(() => fatesNow(service.room)),
          filter(satisfy),
        ),
        within,
        'the fates of the dispatches',
      );

    const dispatchTwo = async (scene: Scene): Promise<void> => {
      const known = ({ refused, assigned }: Fates) => assigned > 0 && refused + assigned > 1;
      for (let attempt = 0; attempt < SOON / AGAIN_AFTER; attempt += 1) {
        await Promise.all([scene.service.dispatchBot(), scene.service.dispatchBot()]);
        if (await fates(scene, known, AGAIN_AFTER).catch(() => undefined)) return;
      }
      throw new Error('no bot for all the dispatches');
    };

    /** Resolves with how many bots have come. */
    const play = async (scene: Scene): Promise<number> => {
      const { service, join } = scene;
      const caller = await join('caller');
      const heard = new Set<string>();
      caller.room.on(RoomEvent.TrackSubscribed, (_track, _publication, from: RemoteParticipant) =>
        heard.add(from.identity),
      );
      await service.play('caller', { url: stage.assets().urlOf('music'), loop: true });
      await dispatchTwo(scene);
      const { assigned } = await fates(scene, ({ assigned, ended }) => assigned - ended === 1);
      await service.attributes('caller', (map) => map['media.held'] === 'true', SOON);
      const { from } = await caller.waitForTone(MUSIC, { within: SOON });
      expect(await botsIn(service), 'bots in the room').to.deep.equal([from]);
      expect([...heard], 'bots that were heard').to.deep.equal([from]);
      const { attributes } = await service.rooms.getParticipant(service.room, 'caller');
      expect(attributes).to.include({ 'media.status': 'playing', 'media.held': 'true' });
      return assigned;
    };

    it('should bring one bot, and the caller one music', async () => {
      let played = 0;
      let tied = 0;
      while (played < rounds || tied < ties) {
        expect(played, 'rounds').to.be.below(mostRounds);
        const scene = await openScene(stage.server(), stage.assets(), true);
        const came = await play(scene);
        await scene.close();
        await fates(scene, ({ assigned, ended }) => assigned === ended);
        if (came > 1) tied += 1;
        played += 1;
      }
    });
  });
}
