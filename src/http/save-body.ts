/** Streams a body to its sink, hashing on the way, never beyond the limit. */
import { createHash } from 'node:crypto';
import { headerOf } from './answer';
import type { Deadline } from './deadline';
import type { Exchange } from './exchange';
import { FetchFailure } from './fetch-failure';

/** Enough to tell what it is; of a page, what can be compared with other pages. **Units** bytes. */
const HEAD_BYTES = 512;
const PAGE_BYTES = 4_096;
const LESS_THAN = 0x3c;

/** Takes the bytes (a temporary file). */
export interface BodySink {
  write(chunk: Uint8Array): void;
  close(): void;
  discard(): void;
}

/** **Units** `byteCount` bytes. `lengthKnown` false: nothing said where the body ends, so only a decode can tell that it is whole. */
export interface SavedBody {
  readonly byteCount: number;
  /** Its first bytes. */
  readonly head: Buffer;
  readonly sha256: string;
  readonly lengthKnown: boolean;
}

/** **Errors** FetchFailure `encoding`, `too_large`, `truncated`, `empty`; the sink's own. The sink is discarded then. */
export async function saveBody(options: {
  readonly response: Exchange;
  readonly deadline: Deadline;
  readonly limit: number;
  readonly createSink: () => BodySink;
}): Promise<SavedBody> {
  const { response, deadline, limit } = options;
  const declared = checkHead(response, limit);
  const sink = options.createSink();
  const hash = createHash('sha256');
  let byteCount = 0;
  let head = Buffer.alloc(0);
  try {
    await response.body.read((chunk) => {
      byteCount += chunk.byteLength;
      deadline.count(chunk.byteLength);
      if (byteCount > limit) throw new FetchFailure('too_large', `more than ${limit} bytes`);
      if (head.length < mostOf(head)) head = longerHead(head, chunk);
      hash.update(chunk);
      sink.write(chunk);
    });
    // The end of time may come with the last chunk.
    const late = deadline.reason();
    if (late !== null) throw late as Error;
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

function mostOf(head: Buffer): number {
  return head[0] === LESS_THAN ? PAGE_BYTES : HEAD_BYTES;
}

/** A copy: a part of the chunk would keep all of it. */
function longerHead(head: Buffer, chunk: Uint8Array): Buffer<ArrayBuffer> {
  const most = mostOf(head.length === 0 ? Buffer.from(chunk.subarray(0, 1)) : head);
  return Buffer.concat([head, chunk.subarray(0, most - head.length)]);
}

/** The declared length, or null. */
function checkHead(response: Exchange, limit: number): number | null {
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
