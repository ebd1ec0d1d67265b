/**
 * Decodes a body that came with a Content-Encoding although `identity` was asked for. Its first
 * bytes decide: many servers name a coding and send the plain bytes.
 */
import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { FetchFailure } from '../failures/fetch-failure';
import { nameCodings } from './content-codings';

export interface DecodeOptions {
  /** In the order in which they were applied. */
  readonly codings: readonly string[];
  /** The most bytes that each coding may hold. */
  readonly limit: number;
  /** Called with a coding that was named although its bytes are not coded. */
  readonly onUnused: (coding: string) => void;
}

type Bytes = AsyncIterable<Buffer>;

/** The most codings of one body. Each coding needs CPU time and memory. */
const MAX_CODINGS = 5;

/** The number of first bytes that is enough to recognise a coding or an image. */
const PEEKED_BYTES = 12;

/** The number of bytes that one call of the thread pool decodes. */
const CHUNK_BYTES = 65_536;

/** Undefined before Node.js 22.15 and 23.8. */
const { createZstdDecompress } = zlib as unknown as { createZstdDecompress?: () => Transform };

/**
 * Yields the decoded bytes.
 *
 * @throws FetchFailure `encoding` for a coding that cannot be decoded, `truncated` if the coded
 * bytes end early, `too_large`; errors of `coded`.
 */
export async function* decodeBody(coded: Bytes, options: DecodeOptions): Bytes {
  const { codings, limit, onUnused } = options;
  const coding = codings.at(-1);
  if (coding === undefined) {
    yield* coded;
    return;
  }
  if (codings.length > MAX_CODINGS)
    throw new FetchFailure('encoding', `more than ${MAX_CODINGS} content codings`);
  const { first, all } = await peek(coded);
  const inner = { ...options, codings: codings.slice(0, -1) };
  const isImage = beginsAsImage(first);
  if (first.length === 0 || isImage || lacksSignature(coding, first)) {
    onUnused(coding);
    yield* isImage ? all : decodeBody(all, inner);
    return;
  }
  const decoder = createDecoder(coding, first);
  // The iteration over the decoder also throws its errors.
  pipeline(Readable.from(all), decoder, () => undefined);
  try {
    yield* decodeBody(limitBytes(translateErrors(decoder, coding), limit), inner);
  } finally {
    decoder.destroy();
  }
}

async function peek(bytes: Bytes): Promise<{ readonly first: Buffer; readonly all: Bytes }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < PEEKED_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    length += next.value.length;
  }
  const first = Buffer.concat(chunks);
  return { first, all: continueFrom(first, iterator) };
}

async function* continueFrom(first: Buffer, iterator: AsyncIterator<Buffer>): Bytes {
  try {
    if (first.length > 0) yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/** The signatures of the formats that are stored (src/images/image-signature.ts decides). */
function beginsAsImage(first: Buffer): boolean {
  const text = first.toString('latin1', 0, PEEKED_BYTES);
  return /^(\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF[^]{4}WEBP|II[*+]\0|MM\0[*+]|[^]{4}ftyp)/.test(
    text,
  );
}

/** True for `deflate` without zlib's header and for `br`, which have no signature. */
function lacksSignature(coding: string, first: Buffer): boolean {
  if (coding === 'gzip') return first[0] !== 0x1f || first[1] !== 0x8b;
  if (coding === 'zstd') return first.toString('hex', 0, 4) !== '28b52ffd';
  return false;
}

/** @throws FetchFailure `encoding` if there is no decoder for the coding. */
function createDecoder(coding: string, first: Buffer): Transform {
  if (coding === 'gzip') return zlib.createGunzip({ chunkSize: CHUNK_BYTES });
  if (coding === 'br') return zlib.createBrotliDecompress({ chunkSize: CHUNK_BYTES });
  if (coding === 'deflate')
    return hasZlibHeader(first) ? zlib.createInflate() : zlib.createInflateRaw();
  if (coding === 'zstd' && createZstdDecompress !== undefined) return createZstdDecompress();
  throw new FetchFailure(
    'encoding',
    `the Content-Encoding ${nameCodings([coding])} came though identity was asked for, and cannot be decoded here`,
  );
}

/** Servers send `deflate` with zlib's header, as RFC 9110 says, and without it. */
function hasZlibHeader([first = 0, second = 0]: Buffer): boolean {
  return (first & 15) === 8 && (first * 256 + second) % 31 === 0;
}

async function* translateErrors(decoder: Transform, coding: string): Bytes {
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
  } catch (error) {
    throw decodingFailure(error, coding);
  }
}

/** Codes of zlib, Brotli and Zstandard. Those of a connection that ends begin with ERR_ too. */
const OF_DECODER = /^(Z_|ERR_(?!HTTP2_|SSL_)|ZSTD_)/;

function decodingFailure(error: unknown, coding: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new FetchFailure('truncated', `the content coding ${coding} ends early`);
  if (error instanceof FetchFailure || !OF_DECODER.test(code ?? '')) return error;
  return new FetchFailure('encoding', `the content coding ${coding} cannot be decoded: ${message}`);
}

async function* limitBytes(bytes: Bytes, limit: number): Bytes {
  let byteCount = 0;
  for await (const chunk of bytes) {
    byteCount += chunk.length;
    if (byteCount > limit) throw new FetchFailure('too_large', `more than ${limit} bytes, decoded`);
    yield chunk;
  }
}
