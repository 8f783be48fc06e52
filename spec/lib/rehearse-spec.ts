import { expect } from 'chai';
import { freePort } from '../../demo/freePort.js';
import { loadSettings } from '../../lib/config.js';
import { rehearse } from '../../lib/rehearse.js';
import { startApiProxy } from '../support/apiProxy.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

const settingsFor = (url: string) =>
  loadSettings({
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: 'devkey',
    LIVEKIT_API_SECRET: 'a-secret-of-thirty-two-characters',
    GROQ_API_KEY: 'no-groq-account',
    DEEPGRAM_API_KEY: 'no-deepgram-account',
    ELEVENLABS_API_KEY: 'no-elevenlabs-account',
  });

describe('rehearse', () => {
  const server = useLiveKitServer();

  it('should ask the server API once, and for nothing but a list', async () => {
    const proxy = await startApiProxy(server().url);
    await rehearse(settingsFor(proxy.url));
    expect(proxy.asked).to.deep.equal(['ListRooms']);
    await proxy.close();
  });

  it('should be over, and be no failure, where LiveKit cannot be reached', async () => {
    await rehearse(settingsFor(`ws://127.0.0.1:${await freePort()}`));
  });
});
