/** Describes why a name could not be resolved, as a FetchFailure `dns`. */
import fs from 'node:fs';
import { FetchFailure } from '../failures/fetch-failure';

/** Codes of c-ares with which a name server denies a name. */
const DENIAL_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** Codes of c-ares that mean that no name server answered. */
const NO_ANSWER_CODES: ReadonlySet<string> = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED']);

const MESSAGE_BY_CODE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist',
  ENODATA: 'the name has no address',
  EBADNAME: 'the name is not a valid one',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused',
  ENOTIMP: 'the name server does not implement the query',
  EFORMERR: 'the name server did not understand the query',
  EBADRESP: 'the name server sent an answer that cannot be read',
  ECONNREFUSED: 'no name server could be reached',
  ECANCELLED: 'the look-up was given up',
};

/** Whether the code means that the name does not exist or has no address. */
export function isDenial(code: string): boolean {
  return DENIAL_CODES.has(code);
}

/** `code` is a code of c-ares; `elapsedMs` is the duration of the look-up. */
export function dnsFailure(code: string, elapsedMs: number): FetchFailure {
  const seconds = Math.max(1, Math.round(elapsedMs / 1_000));
  const message =
    code === 'ETIMEOUT'
      ? `the name server did not answer within ${seconds} s`
      : (MESSAGE_BY_CODE[code] ?? 'the name could not be resolved');
  return new FetchFailure('dns', `${message} (${code})`, {
    resolverUnreachable: NO_ANSWER_CODES.has(code),
  });
}

/**
 * Throws if this process cannot open another socket. c-ares reports "connection refused" in that
 * case too.
 *
 * @throws EMFILE, ENFILE or ENOMEM when that is the reason.
 */
export function assertCanOpen(): void {
  try {
    fs.closeSync(fs.openSync('/dev/null', 'r'));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (/^(EMFILE|ENFILE|ENOMEM)$/.test(code)) throw error;
  }
}
