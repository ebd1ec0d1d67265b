/** Reads the body of an answer that brings no image. */
import type { Exchange } from './exchange';

/** How many bytes of the body are read, and how many of these are kept. */
const MOST_DISCARDED_BYTES = 64 * 1_024;
const MOST_KEPT_BYTES = 4_096;

/**
 * Reads a short body to its end, so that its connection can be reused; a long body closes the
 * connection.
 *
 * @returns the beginning of the body.
 */
export async function discardBody(response: Exchange): Promise<string> {
  const kept: Uint8Array[] = [];
  let length = 0;
  try {
    await response.body.read((chunk) => {
      if (length < MOST_KEPT_BYTES)
        kept.push(Uint8Array.prototype.slice.call(chunk, 0, MOST_KEPT_BYTES));
      length += chunk.byteLength;
      if (length > MOST_DISCARDED_BYTES) throw new Error('too long to be thrown away');
    });
  } catch {
    // A discarded body may be cut short: only the status of the response matters.
  }
  return Buffer.concat(kept).toString('utf8', 0, MOST_KEPT_BYTES);
}
