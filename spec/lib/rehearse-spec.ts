import { expect } from 'chai';
import { freePort } from '../../demo/freePort.js';
import { rehearse } from '../../lib/rehearse.js';
import { startApiProxy } from '../support/apiProxy.js';
import { settingsFor } from '../support/settingsFor.js';
import { useLiveKitServer } from '../support/useLiveKitServer.js';

describe('rehearse', () => {
  const server = useLiveKitServer();

  it('should ask the server API once, and for nothing but a list', async () => {
    const proxy = await startApiProxy(server().url);
    await rehearse(settingsFor({ ...server(), url: proxy.url }));
    expect(proxy.asked).to.deep.equal(['ListRooms']);
    await proxy.close();
  });

  it('should be over, and be no failure, where LiveKit cannot be reached', async () => {
    await rehearse(settingsFor({ ...server(), url: `ws://127.0.0.1:${await freePort()}` }));
  });
});
