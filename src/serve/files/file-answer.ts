/** The answer to a request for the file of an image. */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { HttpProblem } from '../http-problem';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import type { KnownFile, KnownFiles } from './known-files';
import { openStoredFile, shownType } from './stored-file';

/** A file that is opened as a document runs nothing and loads nothing. */
const FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/**
 * Sends the file. Its name is the digest of its content, so it never changes. Bytes of other kinds
 * than images are never shown by the browser.
 *
 * @throws HttpProblem 404.
 */
export async function answerWithFile(options: {
  readonly context: Context;
  readonly dataRoot: string;
  readonly snapshot: OpenSnapshot;
  readonly files: KnownFiles;
  readonly sha256: string;
}): Promise<Response> {
  const { context, dataRoot, snapshot, files, sha256 } = options;
  const file = /^[0-9a-f]{64}$/.test(sha256) ? await files.find(snapshot, sha256) : null;
  if (file === null) throw new HttpProblem(404, 'No image has a file with this sha256.');
  const headers = headersOf(file);
  if (context.req.header('if-none-match') === headers.ETag)
    return new Response(null, { status: 304, headers });
  const { handle, size } = await openStoredFile(dataRoot, file).catch((error: unknown) => {
    files.forget(sha256);
    throw error;
  });
  const sized = { ...headers, 'Content-Length': String(size) };
  if (context.req.method !== 'HEAD')
    return new Response(bodyOf(handle), { status: 200, headers: sized });
  await handle.close();
  return new Response(null, { status: 200, headers: sized });
}

function headersOf({ sha256, format }: KnownFile): Readonly<Record<string, string>> {
  const type = shownType(format);
  return {
    ETag: `"${sha256}"`,
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Content-Security-Policy': FILE_POLICY,
    'Content-Type': type ?? 'application/octet-stream',
    ...(type === null ? { 'Content-Disposition': `attachment; filename="${sha256}"` } : {}),
  };
}

/** The stream closes the file, also when the browser goes away. */
function bodyOf(handle: FileHandle): ReadableStream<Uint8Array> {
  return Readable.toWeb(handle.createReadStream()) as ReadableStream<Uint8Array>;
}
