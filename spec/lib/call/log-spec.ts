import { expect } from 'chai';
import { filter, map, type Observable } from 'rxjs';
import { firstWithin } from '../../../demo/firstWithin.js';
import { toneMp3 } from '../../../demo/toneMp3.js';
import { recordedLogger } from '../../support/recordedLogger.js';
import { type Scene, SOON } from '../../support/scene.js';
import { seenSoFar } from '../../support/seenSoFar.js';
import { useScene } from '../../support/useScene.js';

type Line = Readonly<Record<string, unknown>>;

describe('a call: its log', () => {
  const stage = useScene(async () => ({
    broken: { body: Buffer.alloc(0), status: 403 },
    busy: { body: await toneMp3([{ hz: 880, ms: 300 }]) },
  }));
  let scene: Scene;
  let output: Observable<string>;
  beforeEach(async () => {
    scene = stage.scene();
    await scene.join('alice');
  });

  const startBot = (level: 'info' | 'debug', env = {}) => {
    const [logger, recorded] = recordedLogger(level);
    output = recorded;
    return scene.startBot({ logger, env });
  };
  const logged = (message: string) => {
    const line$ = output.pipe(
      map((line) => JSON.parse(line) as Line),
      filter((line) => line.message === message),
    );
    return firstWithin(line$, SOON, message);
  };
  const fail = async () => {
    const url = `${stage.assets().urlOf('broken')}?signature=secret`;
    const id = await scene.service.play('alice', { url });
    await scene.service.answer('alice', id, SOON, 'failed');
    return id;
  };

  it('should say at INFO that an asset failed, and why, but not whose or where', async () => {
    await startBot('info');
    await fail();
    const line = await logged('command failed');
    expect(line).to.include({ level: 'info', code: 'asset_unreachable', cause: 'status 403' });
    expect(seenSoFar(output).join('')).to.not.match(/alice|secret|http:/);
  });

  it('should say at INFO that a command was refused, without the words of it', async () => {
    const bot = await startBot('info');
    // Too long for a SID, twelve letters by chance, to hold it.
    const words = 'greet everybody';
    await scene.service.write('alice', { 'media.command': words, 'media.command_id': 'bad' });
    await scene.service.answer('alice', 'bad', SOON, 'failed');
    expect(await logged('command failed')).to.include({ code: 'invalid_command' });
    expect(seenSoFar(output).join('')).to.not.match(/alice|everybody/);

    await scene.service.write(bot.identity, { 'stt.enabled': 'perhaps' });
    await scene.service.attributes(bot.identity, (own) => own['stt.status'] === 'failed', SOON);
    const failures = seenSoFar(output).filter((line) => line.includes('command failed'));
    expect(failures).to.have.length(2);
  });

  it('should show answers whole at DEBUG, but for the query of an address', async () => {
    await startBot('debug');
    const command = await fail();
    const { error, ...line } = await logged('command answered');
    expect(line).to.include({ level: 'debug', identity: 'alice', status: 'failed', command });
    expect(error).to.match(/^asset_unreachable: http:.*: status 403$/);
    expect(seenSoFar(output).join('')).to.not.include('secret');
  });

  it('should say at INFO that it closes the room, and nothing of commands that go well', async () => {
    await startBot('info');
    const closed = scene.service.roomClosed(SOON);
    await scene.service.play('alice', { url: stage.assets().urlOf('busy') });
    await closed;
    await logged('room to be closed');
    expect(seenSoFar(output).join('')).to.not.include('command');
  });
});
