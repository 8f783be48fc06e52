import { execFile } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { MediaError, type MediaErrorCode } from '../../operators/mediaError.js';
import {
  type AssetPart,
  type FetchOptions,
  fromAsset,
  type LookupAll,
} from '../../streams/fromAsset.js';
import {
  createTestCa,
  type HttpsServer,
  lookupLoopback,
  policyWithPublicPort,
  startHttpsServer,
  trustCa,
} from '../support/httpsServer.js';

const MAX_BYTES = 1_000_000;
const CHUNK = Buffer.alloc(65_536, 1);
/** A busy machine takes its time, and something else is to be what fails. */
const patient = { connect: 20_000, firstByte: 40_000, stall: 20_000 };
/** Milliseconds of whatever a server keeps somebody waiting for. */
const SHORT = 300;

/** Writes for as long as somebody reads. */
function writeEndlessly(response: ServerResponse): void {
  while (response.write(CHUNK));
  response.once('drain', () => writeEndlessly(response));
}

const drip = (response: ServerResponse) => {
  const dripping = setInterval(() => response.write('x'), 20);
  response.once('close', () => clearInterval(dripping));
};

type Serve = (response: ServerResponse, request: IncomingMessage) => void;

describe('fromAsset', () => {
  const ca = createTestCa();
  let untrust: () => void;
  let server: HttpsServer;
  let serve: Serve;
  let forbidden: Server;
  let connections = 0;
  let options: FetchOptions;

  before(async () => {
    untrust = trustCa(ca.ca);
    server = await startHttpsServer(ca, (request, response) => serve(response, request));
    forbidden = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    forbidden.listen(0, '127.0.0.1');
    await once(forbidden, 'listening');
  });

  beforeEach(() => {
    server.requests.length = 0;
    connections = 0;
    options = {
      policy: policyWithPublicPort(server.port),
      maxBytes: MAX_BYTES,
      lookup: lookupLoopback,
      deadlines: patient,
    };
  });

  after(async () => {
    untrust();
    forbidden.close();
    await server.close();
  });

  const forbiddenPort = () => (forbidden.address() as AddressInfo).port;
  const fetchParts = (url = server.url('/a.mp3?signature=secret')) =>
    lastValueFrom(fromAsset(url, options).pipe(toArray()), { defaultValue: [] });

  async function expectError(code: MediaErrorCode, url?: string): Promise<MediaError> {
    const error = await fetchParts(url).then(
      () => expect.fail('it did not fail'),
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(MediaError);
    expect(String(error)).to.match(new RegExp(`^${code}: `));
    expect(String(error)).not.to.contain('secret');
    return error as MediaError;
  }

  const bodyOf = (parts: AssetPart[]) =>
    Buffer.concat(parts.filter((part) => part instanceof Uint8Array)).toString();

  it('should emit the head, then the body', async () => {
    serve = (response) => response.setHeader('etag', '"1"').end('body');
    const [head, ...body] = await fetchParts();
    expect(head).to.include({ status: 200 }).and.to.have.nested.property('headers.etag', '"1"');
    expect(bodyOf(body)).to.equal('body');
  });

  it('should emit bytes while the rest is still arriving', async () => {
    serve = (response) => response.write('first');
    const asset = fromAsset(server.url('/'), options);
    const parts = await lastValueFrom(asset.pipe(take(2), toArray()), { defaultValue: [] });
    expect(bodyOf(parts)).to.equal('first');
  });

  it('should send nothing before it is subscribed, and one request per subscription', async () => {
    serve = (response) => response.end('body');
    const asset = fromAsset(server.url('/'), options);
    expect(server.requests).to.have.length(0);
    await lastValueFrom(asset, { defaultValue: undefined });
    await lastValueFrom(asset, { defaultValue: undefined });
    expect(server.requests).to.have.length(2);
  });

  it('should complete after an empty body', async () => {
    serve = (response) => response.end();
    expect(await fetchParts()).to.have.length(1);
  });

  it('should abort the request on unsubscription', async () => {
    const closed = new Promise((resolve) => {
      serve = (response) => {
        response.once('close', resolve);
        response.write('first');
      };
    });
    await firstValueFrom(fromAsset(server.url('/'), options), { defaultValue: undefined });
    await closed;
  });

  it('should pass validators on and report that nothing changed', async () => {
    serve = (response) => response.writeHead(304).end();
    options = { ...options, headers: { 'if-none-match': '"1"' } };
    const parts = await fetchParts();
    expect(parts).to.have.length(1);
    expect(parts[0]).to.include({ status: 304 });
    expect(server.requests[0]?.headers).to.include({ 'if-none-match': '"1"' });
  });

  it('should unpack what the server compressed unasked', async () => {
    serve = (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('body'));
    expect(bodyOf(await fetchParts())).to.equal('body');
    expect(server.requests[0]?.headers).to.include({ 'accept-encoding': 'identity' });
  });

  it('should trust a CA that the environment names, and need nothing else for it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'extra-ca-'));
    const file = join(directory, 'ca.pem');
    await writeFile(file, ca.ca);
    serve = (response) => response.end('body');
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: file };
    const args = ['--import', 'tsx', 'spec/support/fetchAsset.ts', server.url('/')];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    await rm(directory, { recursive: true });
    expect(stdout).to.equal('body');
  });

  describe('policy', () => {
    const redirectTo = (location: string) => {
      serve = (response) => response.writeHead(302, { location }).end();
    };

    it('should refuse without a request', async () => {
      for (const url of [
        'nonsense',
        'file:///etc/passwd',
        'data:audio/mpeg;base64,secret',
        `http://assets.test:${server.port}/`,
        `https://secret:secret@assets.test:${server.port}/`,
        `https://127.0.0.1:${forbiddenPort()}/`,
        `https://[::ffff:127.0.0.1]:${forbiddenPort()}/`,
        `https://2130706433:${forbiddenPort()}/`,
        `https://0177.1:${forbiddenPort()}/`,
        `https://assets.test:${forbiddenPort()}/`,
      ]) {
        await expectError('asset_refused', url);
      }
      expect(server.requests).to.have.length(0);
      expect(connections).to.equal(0);
    });

    it('should refuse a name of which one address is private', async () => {
      options = {
        ...options,
        lookup: (_hostname, _options, callback) => {
          callback(null, [
            { address: '127.0.0.1', family: 4 },
            { address: '::1', family: 6 },
          ]);
        },
      };
      await expectError('asset_refused');
      expect(server.requests).to.have.length(0);
    });

    it('should connect to the address that was checked, whatever the name says next', async () => {
      let lookups = 0;
      const rebind: LookupAll = (hostname, lookupOptions, callback) => {
        if (lookups++ === 0) lookupLoopback(hostname, lookupOptions, callback);
        else callback(null, [{ address: '169.254.169.254', family: 4 }]);
      };
      options = { ...options, lookup: rebind };
      serve = (response) => response.end('body');
      await fetchParts();
      expect(lookups).to.equal(1);
      await expectError('asset_refused');
      expect(server.requests).to.have.length(1);
    });

    it('should follow a redirect to where it may go', async () => {
      serve = (response, { url }) =>
        url === '/b' ? response.end('body') : response.writeHead(307, { location: '/b' }).end();
      expect(bodyOf(await fetchParts())).to.equal('body');
    });

    it('should refuse a redirect to where it may not go', async () => {
      for (const location of [
        `http://assets.test:${server.port}/`,
        `https://127.0.0.1:${forbiddenPort()}/`,
        `https://internal.test:${forbiddenPort()}/`,
        `https://secret:secret@assets.test:${server.port}/`,
        `//[::1]:${forbiddenPort()}/`,
        'file:///etc/passwd',
        'unix:/var/run/docker.sock:/containers',
        'https://[secret/',
      ]) {
        redirectTo(location);
        await expectError('asset_refused');
      }
      expect(server.requests).to.have.length(8);
      expect(connections).to.equal(0);
    });

    it('should give up on redirects in a circle', async () => {
      redirectTo('/');
      await expectError('asset_unreachable');
      expect(server.requests).to.have.length(6);
    });
  });

  describe('failures', () => {
    it('should name the status', async () => {
      for (const status of [204, 206, 300, 403, 404, 500]) {
        serve = (response) => response.writeHead(status).end();
        expect((await expectError('asset_unreachable')).message).to.contain(`status ${status}`);
      }
      expect(server.requests).to.have.length(6);
    });

    it('should report a server that nobody vouches for', async () => {
      const stranger = await startHttpsServer(createTestCa(), (_request, response) =>
        response.end(),
      );
      options = { ...options, policy: policyWithPublicPort(stranger.port) };
      await expectError('asset_unreachable', stranger.url('/')).finally(() => stranger.close());
      expect(stranger.requests).to.have.length(0);
    });

    it('should report a name that does not exist as the resolver does', async () => {
      options = { ...options, lookup: dns.lookup };
      // Longer than a part of a name may be, which the resolver knows without asking the network.
      const name = `${'no-such-host'.repeat(6)}.invalid`;
      const { message } = await expectError('asset_unreachable', `https://${name}/`);
      expect(message).to.contain('ENOTFOUND');
    });

    it('should resolve a name once more where the name server fails for a moment', async () => {
      for (const [code, expected] of [
        ['EAI_AGAIN', 2],
        ['ENOTFOUND', 1],
      ] as const) {
        let lookups = 0;
        const lookup: LookupAll = (_hostname, _options, callback) => {
          lookups += 1;
          // Without addresses, as Node does it.
          callback(Object.assign(new Error('spec'), { code }));
        };
        options = { ...options, lookup };
        expect((await expectError('asset_unreachable')).message).to.contain(code);
        expect(lookups, code).to.equal(expected);
      }
    });

    it('should try a refused connection once more, and nothing else', async () => {
      const gone = await startHttpsServer(ca, (_request, response) => response.end());
      await gone.close();
      let lookups = 0;
      options = {
        ...options,
        policy: policyWithPublicPort(gone.port),
        lookup: (...args) => {
          lookups += 1;
          lookupLoopback(...args);
        },
      };
      await expectError('asset_unreachable', gone.url('/'));
      expect(lookups).to.equal(2);
    });

    it('should not try again once the server has answered', async () => {
      serve = (response) => response.write('first', () => response.destroy());
      await expectError('asset_unreachable');
      expect(server.requests).to.have.length(1);
    });

    it('should report a server that takes the connection and says nothing', async () => {
      const mute = createServer();
      mute.listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const { port } = mute.address() as AddressInfo;
      options = {
        ...options,
        policy: policyWithPublicPort(port),
        deadlines: { ...patient, connect: SHORT },
      };
      await expectError('asset_unreachable', `https://assets.test:${port}/`);
      mute.close();
    });

    it('should report a server that accepts the request and says nothing', async () => {
      serve = () => undefined;
      options = { ...options, deadlines: { ...patient, firstByte: SHORT } };
      await expectError('asset_unreachable');
    });

    it('should report a body that stalls', async () => {
      serve = (response) => response.write(CHUNK);
      options = { ...options, deadlines: { ...patient, stall: SHORT } };
      await expectError('asset_unreachable');
    });

    it('should report a body that drips more slowly than any MP3 plays', async () => {
      serve = drip;
      options = { ...options, deadlines: { ...patient, stall: SHORT } };
      await expectError('asset_unreachable');
    });

    it('should report a body shorter than declared', async () => {
      serve = (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('body', () => response.destroy());
      };
      await expectError('asset_unreachable');
    });

    it('should refuse a body that is declared too large before reading it', async () => {
      serve = (response) =>
        response.writeHead(200, { 'content-length': MAX_BYTES + 1 }).flushHeaders();
      await expectError('asset_too_large');
    });

    it('should take a body of exactly the largest size', async () => {
      serve = (response) => response.end(Buffer.alloc(MAX_BYTES, 'x'));
      expect(bodyOf(await fetchParts())).to.have.length(MAX_BYTES);
    });

    it('should cut an endless body off', async () => {
      serve = writeEndlessly;
      await expectError('asset_too_large');
    });

    it('should cut a gzip bomb off, in little memory', async () => {
      const bomb = gzipSync(Buffer.alloc(500_000_000));
      serve = (response) => response.setHeader('content-encoding', 'gzip').end(bomb);
      const before = process.memoryUsage.rss();
      await expectError('asset_too_large');
      expect(process.memoryUsage.rss() - before).to.be.below(50_000_000);
    });

    it('should cut off an endless body that unpacks to nothing', async () => {
      const nothing = Buffer.concat(Array.from({ length: 5_000 }, () => gzipSync('')));
      const writeNothing = (response: ServerResponse) => {
        while (response.write(nothing));
        response.once('drain', () => writeNothing(response));
      };
      serve = (response) => writeNothing(response.setHeader('content-encoding', 'gzip'));
      await expectError('asset_too_large');
    });

    it('should report compression that is none', async () => {
      serve = (response) => response.setHeader('content-encoding', 'gzip').end('body');
      await expectError('asset_undecodable');
    });
  });
});
