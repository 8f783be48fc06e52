import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { defer, Observable } from 'rxjs';

/** A file that has no name: nobody else can open it, and it is gone with this process at the latest. */
export interface AssetFile {
  /** Writes all of `bytes` at `position`, then completes. One at a time. */
  write(bytes: Uint8Array, position: number): Observable<never>;
  /** Emits up to `length` bytes from `position` on: fewer where the file ends, none after its end. */
  read(position: number, length: number): Observable<Uint8Array>;
}

/** The name goes before the first byte comes: even a killed process leaves nothing behind. */
async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `asset-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path).catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  return handle;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, written, null, position + written);
    written += bytesWritten;
  }
}

async function readUpTo(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function toAssetFile(handle: FileHandle): AssetFile {
  return {
    write: (bytes: Uint8Array, position: number) =>
      new Observable<never>((subscriber) => {
        writeAll(handle, bytes, position).then(
          () => subscriber.complete(),
          (error: unknown) => subscriber.error(error),
        );
      }),
    read: (position: number, length: number) => defer(() => readUpTo(handle, position, length)),
  } satisfies AssetFile;
}

/**
 * A new, empty file for the bytes of one asset, mode 0600.
 *
 *     result  --f----------      f: open; closed and gone on unsubscription
 *
 * Each subscription opens a file of its own. Errors as the file system does (`ENOSPC`, `EACCES`).
 *
 * @param directory on a disk, not in memory.
 */
export function openAssetFile(directory: string): Observable<AssetFile> {
  return new Observable((subscriber) => {
    const opened = openNameless(directory);
    opened.then(
      (handle) => subscriber.next(toAssetFile(handle)),
      (error: unknown) => subscriber.error(error),
    );
    return () => void opened.then((handle) => handle.close()).catch(() => undefined);
  });
}
