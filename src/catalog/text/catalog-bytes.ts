/** A file's bytes, unpacked when they are gzip: told by content, not by name. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { StepError } from '../../contract/errors';
import { errorCode } from '../../files/error-code';

/** **Units** bytes read at a time. */
const CHUNK_BYTES = 1 << 20;

/** Kinds that are surely not text. **Source** their format descriptions: first bytes in hex. */
const FOREIGN: readonly (readonly [string, string])[] = [
  ['50415231', 'Parquet: set `format` to parquet'],
  ['504b0304', 'a zip archive: unpack it, or use gzip'],
  ['28b52ffd', 'zstd: unpack it, or use gzip'],
  ['fd377a58', 'xz: unpack it, or use gzip'],
  ['425a68', 'bzip2: unpack it, or use gzip'],
  ['1f8b', 'gzip in gzip: unpack it once'],
];

/** True when the file begins as gzip does. **Errors** those of the file system. */
export async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/**
 * The bytes, chunk by chunk.
 *
 * **Errors** {@link StepError} `catalog_format` when gzip is damaged or cut short.
 */
export async function* readBytes(file: string, name: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  if (!(await isGzip(file))) {
    for await (const chunk of source) yield chunk as Buffer;
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Buffer;
  } catch (error) {
    throw gzipError(error, name);
  } finally {
    source.destroy();
  }
}

/** **Errors** {@link StepError} `catalog_format` when the bytes begin as a kind that is no text. */
export function refuseForeign(first: Buffer, name: string): void {
  const start = first.subarray(0, 4).toString('hex');
  const found = FOREIGN.find(([magic]) => start.startsWith(magic));
  if (found === undefined) return;
  throw new StepError('catalog_format', `The catalog ${name} holds ${found[1]}.`);
}

function gzipError(error: unknown, name: string): unknown {
  const code = errorCode(error);
  if (code?.startsWith('Z_') !== true) return error;
  return new StepError(
    'catalog_format',
    `The catalog ${name} is gzip that is damaged or cut short (${code}): fetch the file again.`,
    { cause: error },
  );
}
