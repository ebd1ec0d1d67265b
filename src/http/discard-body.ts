/** Reads the body of an answer that contains no image. */
import { Readable } from 'node:stream';
import { readContentCodings } from './coding/content-codings';
import { decodeBody } from './coding/decode-body';
import type { Exchange } from './exchange';

/** How many bytes of the body are read, and how many of them are kept. */
const MOST_DISCARDED_BYTES = 64 * 1_024;
const MOST_KEPT_BYTES = 4_096;

/** The beginning of a body. */
export interface DiscardedBody {
  readonly bytes: Buffer;
  /** True when the body is longer than what was kept. */
  readonly isCut: boolean;
}

/**
 * Reads a short body to its end, so that its connection can be reused; a long body closes the
 * connection.
 *
 * @returns the beginning of the body, decoded.
 */
export async function discardBody(response: Exchange): Promise<DiscardedBody> {
  const codings = readContentCodings(response.headers['content-encoding'])?.codings ?? [];
  const kept: Uint8Array[] = [];
  const most = codings.length === 0 ? MOST_KEPT_BYTES : MOST_DISCARDED_BYTES;
  let length = 0;
  try {
    await response.body.read((chunk) => {
      if (length < most) kept.push(Uint8Array.prototype.slice.call(chunk, 0, most));
      length += chunk.byteLength;
      if (length > MOST_DISCARDED_BYTES) throw new Error('too long to be thrown away');
    });
  } catch {
    // A discarded body may be cut short, because only the status of the response matters.
  }
  const bytes = Buffer.concat(kept).subarray(0, most);
  if (codings.length > 0) return decodeBeginning(bytes, codings);
  return { bytes, isCut: length > bytes.length };
}

async function decodeBeginning(coded: Buffer, codings: readonly string[]): Promise<DiscardedBody> {
  const kept: Buffer[] = [];
  let length = 0;
  try {
    const options = { codings, limit: MOST_DISCARDED_BYTES, onUnused: () => undefined };
    for await (const chunk of decodeBody(Readable.from([coded]), options)) {
      kept.push(chunk);
      length += chunk.length;
      if (length >= MOST_KEPT_BYTES) break;
    }
  } catch {
    // The bytes that were decoded before the error are kept.
  }
  return { bytes: Buffer.concat(kept).subarray(0, MOST_KEPT_BYTES), isCut: true };
}
