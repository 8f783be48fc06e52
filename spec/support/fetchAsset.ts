import { lastValueFrom, tap } from 'rxjs';
import { fromAsset } from '../../streams/fromAsset.js';
import { lookupLoopback, policyWithPublicPort } from './httpsServer.js';

/** A process of its own that fetches the asset named on its command line and writes it to stdout. */
const [url = ''] = process.argv.slice(2);
const policy = policyWithPublicPort(Number(new URL(url).port));

await lastValueFrom(
  fromAsset(url, { policy, maxBytes: 1_000, lookup: lookupLoopback }).pipe(
    tap((part) => part instanceof Uint8Array && process.stdout.write(part)),
  ),
  { defaultValue: undefined },
);
