/** The answer to a request for the file of an image. */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { HttpProblem } from '../http-problem';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { byteRangeOf, type ByteRange } from './byte-range';
import type { KnownFile, KnownFiles } from './known-files';
import type { Previews } from '../previews/previews';
import { isShownInPages, openStoredFile, shownType } from './stored-file';

/** A file that is opened as a document runs nothing and loads nothing. */
const FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

interface FileOptions {
  readonly context: Context;
  readonly dataRoot: string;
  readonly snapshot: OpenSnapshot;
  readonly files: KnownFiles;
  readonly sha256: string;
}

/**
 * Sends the file. Its name is the digest of its content, so it never changes. Bytes of other kinds
 * than images are never shown by the browser.
 *
 * @throws HttpProblem 404.
 */
export async function answerWithFile(options: FileOptions): Promise<Response> {
  const file = await knownFile(options);
  const headers = headersOf(file);
  const { req } = options.context;
  if (req.header('if-none-match') === headers.ETag)
    return new Response(null, { status: 304, headers });
  return sendFile(options.context, await openKnown(options, file), headers);
}

/** Whether the client has a part of the same file, or did not have to say which. */
function mayContinue({ req }: Context, etag: string | undefined): boolean {
  const condition = req.header('if-range');
  return condition === undefined || condition === etag;
}

/**
 * Sends a small picture of the file, or the file itself where it is small or has no preview.
 *
 * @throws HttpProblem 404 when the file is not there, or cannot be shown by any means.
 */
export async function answerWithPreview(
  options: FileOptions & { readonly previews: Previews; readonly side: number },
): Promise<Response> {
  const { context, previews, side, sha256 } = options;
  const file = await knownFile(options);
  const headers = headersOf(file);
  const isShown = isShownInPages(shownType(file.format));
  const isSmall = isShown && (file.bytes ?? Infinity) <= SMALL_BYTES;
  const ETag = isSmall ? headers.ETag : `"${sha256}-${side}"`;
  if (context.req.header('if-none-match') === ETag)
    return new Response(null, { status: 304, headers: { ...headers, ETag } });
  const opened = await openKnown(options, file);
  const preview = isSmall ? null : await previews.open(sha256, side, opened.absolute);
  if (preview === null && isShown) return sendFile(context, opened, headers);
  await opened.handle.close();
  if (preview === null)
    throw new HttpProblem(404, 'Neither browsers nor the decoder can show this kind of file.');
  const { size } = await preview.stat();
  const ofPreview = { ...headers, ETag, 'Content-Type': 'image/webp' };
  return sendFile(context, { handle: preview, size }, ofPreview);
}

/** A file of at most this size is its own preview, in bytes. */
const SMALL_BYTES = 32_000;

async function knownFile({ snapshot, files, sha256 }: FileOptions): Promise<KnownFile> {
  const file = /^[0-9a-f]{64}$/.test(sha256) ? await files.find(snapshot, sha256) : null;
  if (file === null) throw new HttpProblem(404, 'No image has a file with this sha256.');
  return file;
}

function openKnown({ dataRoot, files }: FileOptions, file: KnownFile) {
  return openStoredFile(dataRoot, file).catch((error: unknown) => {
    files.forget(file.sha256);
    throw error;
  });
}

/** Sends an open file, or the part of it that the request asks for, and closes it. */
export async function sendFile(
  context: Context,
  { handle, size }: { readonly handle: FileHandle; readonly size: number },
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  // A file without an entity tag is made for this request, and the next one may be another file.
  const isLasting = headers.ETag !== undefined && context.req.method !== 'HEAD';
  const isPart = isLasting && mayContinue(context, headers.ETag);
  const range = isPart ? byteRangeOf(context.req.header('range'), size) : null;
  const all = { ...headers, ...(headers.ETag === undefined ? {} : { 'Accept-Ranges': 'bytes' }) };
  if (range === 'outside') {
    await handle.close();
    return new Response(null, {
      status: 416,
      headers: { ...all, 'Content-Range': `bytes */${size}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const sized = { ...all, 'Content-Length': String(end - start + 1) };
  if (context.req.method === 'HEAD') {
    await handle.close();
    return new Response(null, { status: 200, headers: sized });
  }
  if (range === null) return new Response(bodyOf(handle), { status: 200, headers: sized });
  return new Response(bodyOf(handle, range), {
    status: 206,
    headers: { ...sized, 'Content-Range': `bytes ${start}-${end}/${size}` },
  });
}

function headersOf({
  sha256,
  format,
}: KnownFile): Readonly<Record<string, string>> & { readonly ETag: string } {
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
function bodyOf(handle: FileHandle, range?: ByteRange): ReadableStream<Uint8Array> {
  return Readable.toWeb(handle.createReadStream(range)) as ReadableStream<Uint8Array>;
}
