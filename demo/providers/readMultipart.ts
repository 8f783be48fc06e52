import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A form as it arrived, field by field. */
export interface MultipartForm {
  /** The text fields; one that was sent more than once has all of its values. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly files: Readonly<Record<string, { readonly name: string; readonly bytes: Uint8Array }>>;
}

interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly bytes: Buffer;
}

const HEAD_END = '\r\n\r\n';

/** Reads a form with files (RFC 7578). Rejects where the body is none. */
export async function readMultipart(request: IncomingMessage): Promise<MultipartForm> {
  const body = await buffer(request);
  const boundary = /boundary="?([^";]+)/.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new Error('no boundary');
  const fields: Record<string, string[]> = {};
  const files: Record<string, { name: string; bytes: Uint8Array }> = {};
  for (const { name, fileName, bytes } of split(body, `--${boundary}`).map(readPart)) {
    if (fileName === undefined) (fields[name] ??= []).push(bytes.toString());
    else files[name] = { name: fileName, bytes };
  }
  return { fields, files };
}

/** What is between the delimiters, without the line ends that belong to these. */
function split(body: Buffer, delimiter: string): readonly Buffer[] {
  const places: number[] = [];
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + 1)) {
    places.push(at);
  }
  const last = places.at(-1);
  if (last === undefined || body.toString('latin1', last).trimEnd() !== `${delimiter}--`) {
    throw new Error('the form is cut short');
  }
  return places.slice(1).map((end, n) => body.subarray(places[n]! + delimiter.length + 2, end - 2));
}

function readPart(part: Buffer): Part {
  const headEnd = part.indexOf(HEAD_END);
  const head = part.toString('utf8', 0, headEnd);
  const name = /; name="([^"]*)"/i.exec(head)?.[1];
  if (headEnd === -1 || name === undefined) throw new Error('a part without a name');
  const fileName = /; filename="([^"]*)"/i.exec(head)?.[1];
  return { name, fileName, bytes: part.subarray(headEnd + HEAD_END.length) };
}
