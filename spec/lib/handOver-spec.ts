import { expect } from 'chai';
import { BehaviorSubject, filter } from 'rxjs';
import { firstWithin } from '../../demo/firstWithin.js';
import { handOver, type HandOverDeps } from '../../lib/handOver.js';
import { silentLogger } from '../support/silentLogger.js';

const SOON = 20_000;

describe('handOver', () => {
  /** The metadata of all dispatches so far. */
  let asked$: BehaviorSubject<readonly string[]>;
  beforeEach(() => {
    asked$ = new BehaviorSubject<readonly string[]>([]);
  });

  const assignment = (metadata: string) => ({
    jobId: 'AJ',
    room: 'room',
    identity: 'media-bot-old',
    url: '',
    token: '',
    metadata,
  });

  async function ask(metadata: string, times: number): Promise<readonly string[]> {
    const deps: HandOverDeps = {
      dispatches: {
        createDispatch: (_room, _agentName, options) => {
          asked$.next([...asked$.value, options?.metadata ?? '']);
          return Promise.reject(new Error('the server is away'));
        },
      },
      rooms: {
        listParticipants: () => Promise.resolve([]),
      },
      agentName: 'media-bot',
      logger: silentLogger(),
    };
    const asking = handOver(assignment(metadata), deps).subscribe({ error: () => undefined });
    const enough$ = asked$.pipe(filter(({ length }) => length >= times));
    return firstWithin(enough$, SOON, `${times} dispatches`).finally(() => asking.unsubscribe());
  }

  it("should name the bot to relieve beside what the bot's own dispatch asked for", async () => {
    const [metadata] = await ask('{"stt":{"enabled":true},"other":1}', 1);
    expect(JSON.parse(metadata!)).to.deep.equal({
      stt: { enabled: true },
      other: 1,
      handover_from: 'media-bot-old',
    });
  });

  for (const broken of ['', 'none of it', 'null', '7']) {
    it(`should name it where that dispatch said ${JSON.stringify(broken)}`, async () => {
      const [metadata] = await ask(broken, 1);
      expect(JSON.parse(metadata!)).to.deep.equal({ handover_from: 'media-bot-old' });
    });
  }

  it('should ask again when the server could not be asked', async () => {
    const [first, again] = await ask('', 2);
    expect(again).to.equal(first);
  });
});
