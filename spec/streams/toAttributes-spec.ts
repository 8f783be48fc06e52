import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { RoomServiceClient } from 'livekit-server-sdk';
import { concat, from, lastValueFrom, NEVER, type Observable, of, throwError } from 'rxjs';
import type { Attributes } from '../../operators/types.js';
import { type AttributeTarget, toAttributes } from '../../streams/toAttributes.js';
import { type Scene, SOON } from '../support/scene.js';
import { useScene } from '../support/useScene.js';

const fail = (error: unknown) => {
  throw new Error('unexpected', { cause: error });
};
/** Writes these maps; resolves when all are written. */
const written = (
  maps: Observable<Attributes>,
  target: AttributeTarget,
  onFailed: (error: unknown) => void = fail,
) => lastValueFrom(maps.pipe(toAttributes(target, onFailed)), { defaultValue: 'completed' });

describe('toAttributes', () => {
  const stage = useScene(undefined, { microphones: false });
  let scene: Scene;

  beforeEach(() => {
    scene = stage.scene();
  });

  const target = (identity: string): AttributeTarget => ({
    api: scene.service.rooms,
    room: scene.service.room,
    identity,
  });
  const attributesOf = async (identity: string) => {
    const { attributes } = await scene.service.rooms.getParticipant(scene.service.room, identity);
    return attributes;
  };

  it('should merge each map into what is there; the empty text deletes', async () => {
    await scene.join('caller', { attributes: { a: '1', b: '2', c: '3' } });
    const result = written(of({ b: '4', c: '' }, { d: '5' }), target('caller'));
    expect(await result).to.equal('completed');
    expect(await attributesOf('caller')).to.deep.equal({ a: '1', b: '4', d: '5' });
  });

  it('should write in order, so that the last map wins', async () => {
    const colleague = await scene.join('colleague');
    await scene.join('caller');
    const last = colleague.waitForAttributes('caller', ({ turn }) => turn === '19', SOON);
    const maps = Array.from({ length: 20 }, (_, turn) => ({ turn: String(turn) }));
    await written(from(maps), target('caller'));
    expect(await attributesOf('caller')).to.deep.equal({ turn: '19' });
    await last;
  });

  it('should pass over somebody who is not there, without a word', async () => {
    await scene.join('caller');
    expect(await written(of({ a: '1' }, { b: '2' }), target('nobody'))).to.equal('completed');
    expect(await attributesOf('caller')).to.deep.equal({});
  });

  it('should pass an error of the source on, and complete without a map', async () => {
    const failure = written(
      throwError(() => new Error('mine')),
      target('caller'),
    );
    expect(await failure.catch((error: unknown) => String(error))).to.equal('Error: mine');
    expect(await written(of(), target('caller'))).to.equal('completed');
  });
});

describe('toAttributes, with a server API that fails', () => {
  let server: Server;
  let target: AttributeTarget;
  /** When it was asked for what, and what it answers in turn; the last answer stands. */
  let asked: { readonly at: number; readonly attributes: Attributes }[];
  let answers: number[];
  const { random } = Math;

  beforeEach(async () => {
    [asked, answers] = [[], [200]];
    server = createServer((request, response) => {
      request.once('data', (body: Buffer) => {
        const { attributes } = JSON.parse(body.toString()) as { attributes: Attributes };
        asked.push({ at: performance.now(), attributes });
        const status = answers[asked.length - 1] ?? answers.at(-1)!;
        response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
        server.emit('answered');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const api = new RoomServiceClient(`http://127.0.0.1:${port}`, 'key', 'secret');
    target = { api, room: 'room', identity: 'caller' };
  });
  afterEach(() => {
    Math.random = random;
    server.closeAllConnections();
    server.close();
  });

  it('should repeat a call that failed, longer and longer apart, and keep the order', async () => {
    Math.random = () => 0.5;
    answers = [503, 500, 200];
    await written(of({ n: '1' }, { n: '2' }), target);
    expect(asked.map(({ attributes }) => attributes.n)).to.deep.equal(['1', '1', '1', '2']);
    const [first, second, third] = asked.map(({ at }) => at) as [number, number, number];
    expect(second - first).to.be.at.least(99);
    expect(third - second).to.be.at.least(199);
  });

  it('should tell of a map that could not be written at last, and go on with the next', async () => {
    Math.random = () => 0;
    answers = [...Array<number>(9).fill(503), 200];
    const failures: unknown[] = [];
    const result = written(of({ n: '1' }, { n: '2' }), target, (error) => failures.push(error));
    expect(await result).to.equal('completed');
    expect(asked.map(({ attributes }) => attributes.n).join('')).to.equal('1111111112');
    expect(failures).to.have.length(1);
    expect(failures[0]).to.be.instanceOf(Error).and.include({ status: 503 });
  });

  it('should not repeat a call for somebody who has left meanwhile', async () => {
    Math.random = () => 0;
    answers = [503, 404, 200];
    await written(of({ n: '1' }, { n: '2' }), target);
    expect(asked.map(({ attributes }) => attributes.n)).to.deep.equal(['1', '1', '2']);
  });

  it('should not repeat a call once unsubscribed', async () => {
    Math.random = () => 0;
    answers = [503, 503, 503, 200];
    const answered = once(server, 'answered');
    const subscription = concat(of({ n: '1' }), NEVER)
      .pipe(toAttributes(target, fail))
      .subscribe();
    await answered;
    subscription.unsubscribe();
    // By the time that another one has been tried again twice, this one would have been.
    await written(of({ n: '2' }), target);
    expect(asked.map(({ attributes }) => attributes.n)).to.deep.equal(['1', '2', '2', '2']);
  });

  it('should pass on what telling of a failure throws', async () => {
    Math.random = () => 0;
    answers = [503];
    const failure = await written(of({ n: '1' }), target).catch((error: unknown) => String(error));
    expect(failure).to.equal('Error: unexpected');
  });
});
