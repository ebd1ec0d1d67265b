/** Streams a body to its sink, hashes it, and enforces the limit on its size. */
import { createHash } from 'node:crypto';
import { headerOf } from './answer';
import type { Deadline } from './deadline';
import type { Exchange } from './exchange';
import { FetchFailure } from './fetch-failure';

/**
 * How many first bytes are kept: enough to recognise a format; for markup, enough to compare pages
 * with one another.
 */
const HEAD_BYTES = 512;
const MARKUP_HEAD_BYTES = 4_096;
const LESS_THAN_SIGN = 0x3c;

/** Receives the bytes of a body, for example a temporary file. */
export interface BodySink {
  write(chunk: Uint8Array): void;
  close(): void;
  discard(): void;
}

export interface SavedBody {
  readonly byteCount: number;
  /** The first bytes of the body. */
  readonly head: Buffer;
  readonly sha256: string;
  /**
   * False if neither a length nor chunks marked the end of the body, so that only decoding shows
   * whether it is complete.
   */
  readonly lengthKnown: boolean;
}

/**
 * Saves the body of a response. `limit` is in bytes. On an error the sink is discarded.
 *
 * @throws FetchFailure `encoding`, `too_large`, `truncated`, `empty`; the deadline's reason; errors
 * of the sink.
 */
export async function saveBody(options: {
  readonly response: Exchange;
  readonly deadline: Deadline;
  readonly limit: number;
  readonly createSink: () => BodySink;
}): Promise<SavedBody> {
  const { response, deadline, limit } = options;
  const declared = checkHeaders(response, limit);
  const sink = options.createSink();
  const hash = createHash('sha256');
  let byteCount = 0;
  let head = Buffer.alloc(0);
  try {
    await response.body.read((chunk) => {
      byteCount += chunk.byteLength;
      deadline.count(chunk.byteLength);
      if (byteCount > limit) throw new FetchFailure('too_large', `more than ${limit} bytes`);
      if (head.length < headLimit(head)) head = extendHead(head, chunk);
      hash.update(chunk);
      sink.write(chunk);
    });
    // The deadline may expire while the last chunk is processed.
    const expiry = deadline.reason();
    if (expiry !== null) throw expiry as Error;
    checkLength(byteCount, declared);
    sink.close();
  } catch (error) {
    sink.discard();
    throw error;
  }
  const isChunked = headerOf(response, 'transfer-encoding') !== null;
  return {
    byteCount,
    head,
    sha256: hash.digest('hex'),
    lengthKnown: declared !== null || isChunked,
  };
}

function headLimit(head: Buffer): number {
  return head[0] === LESS_THAN_SIGN ? MARKUP_HEAD_BYTES : HEAD_BYTES;
}

/** Copies the bytes, because a view would keep the whole chunk in memory. */
function extendHead(head: Buffer, chunk: Uint8Array): Buffer<ArrayBuffer> {
  const limit = headLimit(head.length === 0 ? Buffer.from(chunk.subarray(0, 1)) : head);
  return Buffer.concat([head, chunk.subarray(0, limit - head.length)]);
}

/**
 * Checks the headers.
 *
 * @returns the declared length; null if there is none.
 */
function checkHeaders(response: Exchange, limit: number): number | null {
  const encoding = headerOf(response, 'content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    throw new FetchFailure('encoding', 'a Content-Encoding came though identity was asked for');
  }
  const transfer = headerOf(response, 'transfer-encoding')?.trim().toLowerCase() ?? 'chunked';
  if (transfer !== 'chunked')
    throw new FetchFailure('encoding', 'a Transfer-Encoding came that is more than chunked');
  const declared = headerOf(response, 'content-length');
  if (declared === null) return null;
  if (Number(declared) > limit)
    throw new FetchFailure('too_large', `${Number(declared)} bytes are more than ${limit}`);
  return Number(declared);
}

function checkLength(byteCount: number, declared: number | null): void {
  if (declared !== null && byteCount < declared) {
    throw new FetchFailure('truncated', `${byteCount} of ${declared} bytes came`);
  }
  if (byteCount === 0) throw new FetchFailure('empty', 'the body has no bytes');
}
