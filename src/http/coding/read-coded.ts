/** Receives a body that may carry content codings, and decodes it as it arrives. */
import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { Deadline } from '../deadline';
import type { Exchange } from '../exchange';
import { FetchFailure } from '../failures/fetch-failure';
import { checkLength } from './check-length';
import { decodeBody } from './decode-body';

export interface CodedBody {
  readonly response: Pick<Exchange, 'body'>;
  readonly deadline: Pick<Deadline, 'count' | 'received'>;
  /** The most bytes, coded and decoded. */
  readonly limit: number;
  /** Registered content codings in the order in which they were applied. */
  readonly codings: readonly string[];
  /** The Content-Length; null without one. */
  readonly declared: number | null;
  /** False if neither a length nor chunks mark the end of the body. */
  readonly lengthKnown: boolean;
}

/**
 * Passes the decoded bytes to `write`. The connection is paused while they are decoded.
 *
 * @returns the codings that were named although the bytes do not carry them.
 * @throws the errors of {@link decodeBody} and of `write`; FetchFailure `truncated`, `too_large`;
 *   errors of the exchange.
 */
export async function readCoded(
  coded: CodedBody,
  write: (chunk: Uint8Array) => void,
): Promise<readonly string[]> {
  const { codings, limit, response } = coded;
  const unused: string[] = [];
  const source = new PassThrough();
  source.on('error', () => undefined);
  source.on('drain', () => {
    response.body.resume();
  });
  const hash = createHash('sha256');
  const received = { isWhole: false };
  const receiving = receive(coded, source, (chunk) => hash.update(chunk)).then(() => {
    received.isWhole = coded.lengthKnown;
  });
  // The iteration below throws the same error.
  receiving.catch(() => undefined);
  try {
    const onUnused = (coding: string): void => {
      unused.push(coding);
    };
    for await (const chunk of decodeBody(source, { codings, limit, onUnused })) write(chunk);
  } catch (error) {
    const isTruncated = error instanceof FetchFailure && error.code === 'truncated';
    if (!isTruncated || !received.isWhole) throw error;
    const options = { damagedBody: hash.digest('hex'), cause: error };
    throw new FetchFailure('truncated', error.message, options);
  } finally {
    // Bytes after the end of the coded ones are received and ignored.
    source.destroy();
    response.body.resume();
  }
  await receiving;
  return unused;
}

async function receive(
  { response, deadline, limit, declared }: CodedBody,
  source: PassThrough,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  let codedBytes = 0;
  try {
    await response.body.read((chunk) => {
      codedBytes += chunk.byteLength;
      deadline.count(chunk.byteLength);
      onChunk(chunk);
      if (codedBytes > limit) throw new FetchFailure('too_large', `more than ${limit} bytes`);
      if (!source.destroyed && !source.write(chunk)) response.body.pause();
    });
    deadline.received();
    checkLength(codedBytes, declared);
    source.end();
  } catch (error) {
    source.destroy(error as Error);
    throw error;
  }
}
