import { createHash } from 'node:crypto';
import {
  catchError,
  concat,
  concatMap,
  defer,
  finalize,
  map,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  switchMap,
  throwError,
} from 'rxjs';
import { MediaError } from '../../operators/mediaError.js';
import { type AssetFile, openAssetFile } from '../../streams/assetStore.js';
import type { ByteBudget } from './byteBudget.js';

/** How much of an asset is in its file. */
export interface Download {
  readonly file: AssetFile;
  readonly bytes: number;
  /** SHA-256 of the whole, in hexadecimal, once it is there. */
  readonly digest: string | undefined;
}

/** Where the bytes of an asset come from. */
export interface Body {
  /** The bytes as they come, each piece let through by `pace` before the next is read. */
  read(pace: MonoTypeOperatorFunction<Uint8Array>): Observable<Uint8Array>;
}

/** Each file is charged this at least, so that the budget bounds the number of open files too. */
const LEAST_CHARGE = 1_048_576;

/** Takes room for so many bytes of one file in all. Throws a MediaError if there is none. */
function createCharge(disk: ByteBudget) {
  let charged = 0;
  return {
    raiseTo: (bytes: number) => {
      const more = Math.max(bytes, LEAST_CHARGE) - charged;
      if (more <= 0) return;
      if (!disk.reserve(more)) throw new MediaError('asset_too_large', 'no room left to keep it');
      charged += more;
    },
    release: () => disk.release(charged),
  };
}

function store(body: Body, file: AssetFile, disk: ByteBudget): Observable<Download> {
  return defer(() => {
    const hash = createHash('sha256');
    const charge = createCharge(disk);
    let bytes = 0;
    function append(part: Uint8Array): Observable<Uint8Array> {
      charge.raiseTo(bytes + part.length);
      hash.update(part);
      return concat(file.write(part, bytes), of(part));
    }
    const stored$ = body
      .read(concatMap(append))
      .pipe(map((part) => ({ file, bytes: (bytes += part.length), digest: undefined })));
    const complete$ = defer(() => of({ file, bytes, digest: hash.digest('hex') }));
    return concat(stored$, complete$, NEVER).pipe(finalize(charge.release));
  });
}

function toMediaError(error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  return new MediaError('asset_unreachable', 'it could not be stored', { cause: error });
}

/**
 * Puts bytes into a file as they come.
 *
 *     body    --b--b--b|
 *     result  ---d--d--dD----     d: so far; D: complete, with its digest
 *
 * Never completes: the file lives until unsubscription, which aborts the body too. Errors with a
 * MediaError: those of the body, `asset_too_large` when `disk` has no room but what is in use,
 * `asset_unreachable` when the file system fails.
 */
export function download(body: Body, directory: string, disk: ByteBudget): Observable<Download> {
  return openAssetFile(directory).pipe(
    switchMap((file) => store(body, file, disk)),
    catchError((error: unknown) => throwError(() => toMediaError(error))),
  );
}
