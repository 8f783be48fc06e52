import '../../../demo/participants/quietRtcNode.js';

import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { defer, filter, finalize, fromEvent, map, merge, of } from 'rxjs';
import { type BotProcess, type LogLine, spawnBot } from '../../../demo/botProcess.js';
import { type CallService, openCall } from '../../../demo/callService.js';
import { firstWithin } from '../../../demo/firstWithin.js';
import { type DemoParticipant, joinRoom } from '../../../demo/participants/joinRoom.js';
import { loadPhrases, type Phrase } from '../../../demo/providers/phrases/loadPhrases.js';
import { deleteRoomUntil } from '../../support/deleteRoomUntil.js';
import { forgivingPhraseBook } from '../../support/forgivingPhraseBook.js';
import { publishVoice } from '../../support/patientVoice.js';
import { type SpeechProviders, startSpeechProviders } from '../../support/speechProviders.js';
import { useLiveKitServer } from '../../support/useLiveKitServer.js';

/** Voice detection takes a while to load on a busy machine. */
const SOON = 60_000;

describe('demo/examples/minuteTaker.ts', function () {
  this.timeout(240_000);
  const server = useLiveKitServer();
  let phrases: readonly Phrase[];
  let speech: SpeechProviders;
  let folder: string;
  let service: CallService;
  let people: DemoParticipant[];
  let bot: BotProcess;

  before(async () => {
    phrases = await loadPhrases();
    speech = await startSpeechProviders(forgivingPhraseBook(phrases));
  });
  after(() => speech.close());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'minutes-'));
    writeFileSync(minutes(), '');
    const room = `room-${randomUUID()}`;
    service = await openCall(server(), { room, dispatch: false });
    const enter = (identity: string, kind: 'sip' | 'standard') =>
      joinRoom(server(), { room, identity, kind });
    people = await Promise.all([enter('anna', 'sip'), enter('ben', 'standard')]);
    const program = ['demo/examples/minuteTaker.ts', room, minutes()];
    const command = ['--import', 'tsx', ...program];
    bot = await spawnBot(server(), { command, env: speech.env });
  });
  afterEach(async () => {
    await bot.stop('SIGKILL');
    await Promise.all(people.map((person) => person.leave()));
    await service.close();
    rmSync(folder, { recursive: true });
  });

  const minutes = () => join(folder, 'minutes.txt');
  /** Each line without its time, which is to be one. */
  const written = () =>
    readFileSync(minutes(), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z (.*)$/.exec(line)?.[1] ?? `no time: ${line}`);
  /** Resolves with the minutes as soon as they are so many lines. */
  const lines = (count: number) => {
    const changed = defer(() => {
      const watcher = watch(folder);
      return merge(fromEvent(watcher, 'change'), of(undefined)).pipe(
        finalize(() => watcher.close()),
      );
    });
    const enough = changed.pipe(
      map(written),
      filter(({ length }) => length >= count),
    );
    return firstWithin(enough, SOON, `${count} lines of minutes`);
  };
  /** Gives somebody a voice; resolves when it is listened to. */
  const speaker = async (person: DemoParticipant) => {
    const { say } = await publishVoice(person);
    const isTheirs = ({ message }: LogLine) => message === `listening to ${person.identity}`;
    await bot.waitForLog(isTheirs, SOON);
    return say;
  };
  const phrase = (name: string) => phrases.find(({ file }) => file === `${name}.wav`)!;

  it('should write who has said what, and how it feels, and leave on SIGTERM', async () => {
    const [anna, ben] = await Promise.all(people.map(speaker));
    await anna!(phrase('en-happy'));
    await lines(1);
    await ben!(phrase('en-angry'));
    expect(await lines(2)).to.deep.equal([
      `anna: ${phrase('en-happy').text} (positive)`,
      `ben: ${phrase('en-angry').text} (negative)`,
    ]);
    expect(await bot.stop()).to.equal(0);
  });

  it('should end with the room', async () => {
    await Promise.all(people.map(speaker));
    await deleteRoomUntil(bot.exited, service);
    expect(await bot.exited).to.equal(0);
  });
});
