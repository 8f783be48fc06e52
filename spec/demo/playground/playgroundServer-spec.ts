import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

import { expect } from 'chai';
import { RoomServiceClient, TokenVerifier } from 'livekit-server-sdk';

import { type AssetServer, startAssetServer } from '../../../demo/assetServer.js';
import {
  type PlaygroundServer,
  startPlaygroundServer,
} from '../../../demo/playground/playgroundServer.js';
import { type SpeechProviders, startSpeechProviders } from '../../../demo/speechProviders.js';
import { useLiveKitServer } from '../../support/useLiveKitServer.js';

interface Asked {
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

describe('startPlaygroundServer', function () {
  this.timeout(60_000);
  const server = useLiveKitServer();
  let assets: AssetServer;
  let speech: SpeechProviders;
  let site: PlaygroundServer;

  before(async () => {
    assets = await startAssetServer();
    speech = await startSpeechProviders({ GROQ_API_KEY: 'a-real-key' });
  });
  after(() => Promise.all([assets.close(), speech.close()]));
  beforeEach(async () => {
    site = await startPlaygroundServer({ server: server(), assets, speech });
  });
  afterEach(() => site.close());

  const ask = async (path: string, { body, headers = {} }: Asked = {}) => {
    const method = body === undefined ? 'GET' : 'POST';
    const origin = { origin: site.origin, ...headers };
    const asked = request(`${site.origin}${path}`, { method, headers: origin });
    asked.end(typeof body === 'object' ? JSON.stringify(body) : body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };
  const join = async (as: string) => {
    const { body } = await ask('/join', { body: { as } });
    return JSON.parse(body) as { url: string; token: string; room: string };
  };

  it('should serve a page that may reach nothing but this server and LiveKit', async () => {
    const { status, body, headers } = await ask('/?as=agent');
    expect([status, headers['content-type']]).to.deep.equal([200, 'text/html; charset=utf-8']);
    expect(body).to.include('<title>Media Bot playground</title>');
    const policy = headers['content-security-policy'];
    expect(policy)
      .to.match(/^default-src 'none'/)
      .and.to.include(`connect-src 'self' ${server().url} `);
  });

  it('should tell who is a stand-in, and serve the phrases that they understand', async () => {
    const about = JSON.parse((await ask('/about')).body) as {
      standIns: string[];
      phrases: { file: string }[];
    };
    expect(about.standIns).to.deep.equal(['deepgram', 'elevenlabs']);
    const recording = await ask(`/phrases/${about.phrases[0]!.file}`);
    expect(recording.headers['content-type']).to.equal('audio/wav');
    expect(recording.body).to.match(/^RIFF/);
    expect((await ask('//')).status).to.equal(404);
    expect((await ask('/phrases/index.json')).status).to.equal(404);
    expect((await ask('/phrases/..%2f..%2fdemo.ts')).status).to.equal(404);
  });

  it('should let two people into one call, each with a token of a minute', async () => {
    const [caller, agent] = await Promise.all([join('caller'), join('agent')]);
    expect([caller.url, caller.room]).to.deep.equal([server().url, agent.room]);
    const verifier = new TokenVerifier(server().apiKey, server().apiSecret);
    const { sub, video, exp, nbf } = await verifier.verify(agent.token);
    expect([sub, video]).to.deep.equal([
      'agent',
      { room: agent.room, roomJoin: true, canUpdateOwnMetadata: false },
    ]);
    // Each is read from the clock by itself, which may turn to the next second in between.
    expect(exp! - nbf!).to.be.closeTo(60, 1);
  });

  it('should open a new call when the one before is over', async () => {
    const { room } = await join('caller');
    expect((await join('caller')).room).to.equal(room);
    const { url, apiKey, apiSecret } = server();
    const rooms = new RoomServiceClient(url.replace('ws', 'http'), apiKey, apiSecret);
    let next = room;
    // The call's observer may miss the end and connect again, to a room that it opens anew.
    while (next === room) {
      await rooms.deleteRoom(room).catch(() => undefined);
      next = (await join('caller')).room;
    }
    expect([room, next]).to.deep.equal(['playground-1', 'playground-2']);
  });

  it('should say that LiveKit is gone', async () => {
    await site.close();
    const gone = { ...server(), url: 'ws://127.0.0.1:1' };
    site = await startPlaygroundServer({ server: gone, assets, speech });
    const { status, body } = await ask('/join', { body: { as: 'caller' } });
    expect([status, body]).to.deep.equal([
      502,
      'The LiveKit server does not answer. Start the playground anew.',
    ]);
  });

  it('should never give the secret away', async () => {
    const answers = await Promise.all(
      ['/', '/page.js', '/style.css', '/about'].map(async (path) => (await ask(path)).body),
    );
    const joined = JSON.stringify(await join('caller'));
    expect([...answers, joined].join()).not.to.include(server().apiSecret);
  });

  it('should answer to no name but its own', async () => {
    const headers = { host: 'playground.example.com' };
    expect((await ask('/', { headers })).status).to.equal(421);
    const port = new URL(site.origin).port;
    expect((await ask('/', { headers: { host: `localhost:${port}` } })).status).to.equal(200);
  });

  it('should do nothing for the page of another origin', async () => {
    for (const origin of ['http://example.com', 'null', '']) {
      const asked = { body: { as: 'caller' }, headers: { origin } };
      expect((await ask('/join', asked)).status).to.equal(403);
    }
  });

  it('should say what is wrong with a request', async () => {
    expect((await ask('/command', { body: { do: 'dispatch' } })).status).to.equal(409);
    expect((await ask('/command', { body: { do: 'dance' } })).status).to.equal(400);
    expect((await ask('/join', { body: { as: 'media-bot-1' } })).status).to.equal(400);
    expect((await ask('/join', { body: 'as=caller' })).status).to.equal(400);
    expect((await ask('/nowhere', { body: {} })).status).to.equal(404);
    await join('caller');
    const absent = await ask('/command', { body: { do: 'hold', target: 'agent' } });
    expect([absent.status, absent.body]).to.deep.equal([409, 'The agent is not in the call.']);
  });
});
