/** Receives a body that may carry content codings, and decodes it as it arrives. */
import { PassThrough } from 'node:stream';
import type { Deadline } from '../deadline';
import type { Exchange } from '../exchange';
import { FetchFailure } from '../failures/fetch-failure';
import { checkLength } from './check-length';
import { decodeBody } from './decode-body';

export interface CodedBody {
  readonly response: Pick<Exchange, 'body'>;
  readonly deadline: Pick<Deadline, 'count'>;
  /** The most bytes, coded and decoded. */
  readonly limit: number;
  /** Registered content codings in the order in which they were applied. */
  readonly codings: readonly string[];
  /** The Content-Length; null without one. */
  readonly declared: number | null;
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
  const receiving = receive(coded, source);
  // The iteration below throws the same error.
  receiving.catch(() => undefined);
  try {
    const onUnused = (coding: string): void => {
      unused.push(coding);
    };
    for await (const chunk of decodeBody(source, { codings, limit, onUnused })) write(chunk);
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
): Promise<void> {
  let codedBytes = 0;
  try {
    await response.body.read((chunk) => {
      codedBytes += chunk.byteLength;
      deadline.count(chunk.byteLength);
      if (codedBytes > limit) throw new FetchFailure('too_large', `more than ${limit} bytes`);
      if (!source.destroyed && !source.write(chunk)) response.body.pause();
    });
    checkLength(codedBytes, declared);
    source.end();
  } catch (error) {
    source.destroy(error as Error);
    throw error;
  }
}
