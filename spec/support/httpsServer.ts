import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { createAssetPolicy } from '../../lib/assets/assetPolicy.js';
import type { AssetPolicy, LookupAll } from '../../streams/fromAsset.js';

/** A certificate authority that lives for one test run, and a certificate of its for `assets.test`. */
export interface TestCa {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** Makes a CA with the machine's openssl. Its files are gone on return. */
export function createTestCa(): TestCa {
  const directory = mkdtempSync(join(tmpdir(), 'test-ca-'));
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  try {
    writeFileSync(file('names'), 'subjectAltName=DNS:assets.test');
    openssl(
      'req',
      '-x509',
      ...curve,
      '-subj',
      '/CN=Test CA',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    openssl(
      'req',
      ...curve.slice(0, 5),
      '-subj',
      '/CN=assets',
      '-keyout',
      'key.pem',
      '-out',
      'csr.pem',
    );
    openssl(
      ...['x509', '-req', '-in', 'csr.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key'],
      ...['-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'cert.pem'],
    );
    const read = (name: string) => readFileSync(file(name), 'utf8');
    return { ca: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Makes this process trust a CA made at run time, as `NODE_EXTRA_CA_CERTS` does for one that existed
 * when Node started. Returns the undoing.
 */
export function trustCa(ca: string): () => void {
  const original = tls.createSecureContext;
  tls.createSecureContext = (options) => {
    const secure = original(options);
    (secure.context as { addCACert(pem: string): void }).addCACert(ca);
    return secure;
  };
  return () => void (tls.createSecureContext = original);
}

/** An HTTPS server on loopback that stands for one on the internet. */
export interface HttpsServer {
  readonly port: number;
  /** Path and headers of every request so far. */
  readonly requests: { readonly path: string; readonly headers: NodeJS.Dict<string | string[]> }[];
  /** Its address under the name `assets.test`. */
  url(path: string): string;
  close(): Promise<void>;
}

/** Starts a server that answers as `assets.test`. */
export async function startHttpsServer(
  ca: TestCa,
  listener: RequestListener,
): Promise<HttpsServer> {
  const requests: HttpsServer['requests'] = [];
  const server = createServer({ key: ca.key, cert: ca.cert }, (request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    url: (path) => `https://assets.test:${port}${path}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Every name is this machine. */
export const lookupLoopback: LookupAll = (_hostname, _options, callback) => {
  callback(null, [{ address: '127.0.0.1', family: 4 }]);
};

/** The real policy, without exempt origins, in a world where 127.0.0.1 at `port` is a public address. */
export function policyWithPublicPort(port: number): AssetPolicy {
  const policy = createAssetPolicy([]);
  return {
    checkUrl: (url) => policy.checkUrl(url),
    checkAddress: (url, address) => {
      if (url.port !== String(port) || address !== '127.0.0.1') policy.checkAddress(url, address);
    },
  };
}
