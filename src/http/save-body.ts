/** Streams a body to its sink, hashes it, and enforces the limit on its size. */
import { createHash } from 'node:crypto';
import { headerOf } from './answer';
import { readContentCodings } from './coding/content-codings';
import { checkLength } from './coding/check-length';
import { readCoded } from './coding/read-coded';
import { transferCodings } from './coding/transfer-codings';
import type { Deadline } from './deadline';
import type { Exchange } from './exchange';
import { FetchFailure } from './failures/fetch-failure';

/**
 * The number of first bytes that are kept. They are enough to recognise a format, and to compare
 * pages of markup with one another.
 */
const HEAD_BYTES = 512;
const MARKUP_HEAD_BYTES = 4_096;

/**
 * The beginning of markup: `<`, white space, or a byte order mark, in UTF-8 or UTF-16. JPEG begins
 * with 0xff too.
 */
const MARKUP_BEGINS = /^(?:[<\t\n\r \xef]|\xff\xfe|\xfe\xff|\0[<\t\n\r ])/;

/** Receives the bytes of a body, for example a temporary file. */
export interface BodySink {
  write(chunk: Uint8Array): void;
  close(): void;
  discard(): void;
}

export interface SavedBody {
  /** The number of decoded bytes. `head` and `sha256` are those of the decoded bytes too. */
  readonly byteCount: number;
  /** The first bytes of the body. */
  readonly head: Buffer;
  readonly sha256: string;
  /**
   * False if neither a length nor chunks marked the end of the body, so that only decoding shows
   * whether it is complete.
   */
  readonly lengthKnown: boolean;
  /** The header Content-Type with its parameters; null without one. */
  readonly contentType: string | null;
  /** The words of the Content-Encoding that did not apply to the bytes. */
  readonly unusedCodings: readonly string[];
}

export interface SaveOptions {
  readonly response: Exchange;
  readonly deadline: Deadline;
  /** The largest body in bytes. */
  readonly limit: number;
  readonly createSink: () => BodySink;
}

/**
 * Saves the body of a response. On an error the sink is discarded.
 *
 * @throws FetchFailure `encoding`, `too_large`, `truncated`, `empty`; the deadline's reason; errors
 * of the sink.
 */
export async function saveBody(options: SaveOptions): Promise<SavedBody> {
  const { response, deadline, limit } = options;
  const declared = checkHeaders(response, limit);
  const named = readContentCodings(response.headers['content-encoding']);
  const lengthKnown = declared !== null || codingsOfTransfer(response).length > 0;
  const sink = options.createSink();
  const writer = new BodyWriter(sink, limit);
  let unusedCodings: readonly string[] = named?.ignored ?? [];
  try {
    if (named === null || named.codings.length === 0) {
      await response.body.read((chunk) => {
        deadline.count(chunk.byteLength);
        writer.write(chunk);
      });
      // The deadline may expire while the last chunk is processed.
      throwIfExpired(deadline);
      checkLength(writer.byteCount, declared);
    } else {
      const coded = { response, deadline, limit, codings: named.codings, declared, lengthKnown };
      const unused = await readCoded(coded, (chunk) => {
        writer.write(chunk);
      });
      throwIfExpired(deadline);
      unusedCodings = [...unusedCodings, ...unused];
    }
    if (writer.byteCount === 0) throw emptyBody(lengthKnown);
    sink.close();
  } catch (error) {
    sink.discard();
    throw error;
  }
  const { byteCount, head } = writer;
  const contentType = headerOf(response, 'content-type');
  return { byteCount, head, sha256: writer.sha256(), lengthKnown, contentType, unusedCodings };
}

/** Writes the (decoded) bytes of a body, hashes them and keeps the first ones. */
class BodyWriter {
  byteCount = 0;
  head: Buffer = Buffer.alloc(0);
  readonly #hash = createHash('sha256');

  constructor(
    private readonly sink: BodySink,
    private readonly limit: number,
  ) {}

  /** @throws FetchFailure `too_large`; errors of the sink. */
  write(chunk: Uint8Array): void {
    this.byteCount += chunk.byteLength;
    if (this.byteCount > this.limit)
      throw new FetchFailure('too_large', `more than ${this.limit} bytes`);
    if (this.head.length < headLimit(this.head)) this.head = extendHead(this.head, chunk);
    this.#hash.update(chunk);
    this.sink.write(chunk);
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }
}

/** If nothing marked the end of the body, its connection may have ended before the first byte. */
function emptyBody(lengthKnown: boolean): FetchFailure {
  if (lengthKnown) return new FetchFailure('empty', 'the body has no bytes');
  const message = 'the connection ended before the first byte of a body without a length';
  return new FetchFailure('empty', message, { isTransient: true });
}

function throwIfExpired(deadline: Deadline): void {
  const expiry = deadline.reason();
  if (expiry !== null) throw expiry as Error;
}

const STREAM_OF_IMAGES = /^multipart\/x-mixed-replace\b/i;

function headLimit(head: Buffer): number {
  return MARKUP_BEGINS.test(head.toString('latin1', 0, 2)) ? MARKUP_HEAD_BYTES : HEAD_BYTES;
}

/** Copies the bytes, because a view would keep the whole chunk in memory. */
function extendHead(head: Buffer, chunk: Uint8Array): Buffer<ArrayBuffer> {
  const begin = Buffer.concat([head, chunk.subarray(0, Math.max(0, 2 - head.length))]);
  return Buffer.concat([head, chunk.subarray(0, headLimit(begin) - head.length)]);
}

function codingsOfTransfer(response: Exchange): readonly string[] {
  return transferCodings(headerOf(response, 'transfer-encoding'));
}

/**
 * Checks the headers. A stream of images replaces one by the next until the client hangs up.
 *
 * @returns the declared length; null if there is none.
 */
function checkHeaders(response: Exchange, limit: number): number | null {
  if (codingsOfTransfer(response).some((coding) => coding !== 'chunked'))
    throw new FetchFailure('encoding', 'a Transfer-Encoding came that is more than chunked');
  if (STREAM_OF_IMAGES.test(headerOf(response, 'content-type') ?? ''))
    throw new FetchFailure('not_an_image', 'a stream of images without end, as of a webcam');
  const declared = headerOf(response, 'content-length');
  if (declared === null) return null;
  if (Number(declared) > limit)
    throw new FetchFailure('too_large', `${Number(declared)} bytes are more than ${limit}`);
  return Number(declared);
}
