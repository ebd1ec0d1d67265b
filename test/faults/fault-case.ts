/**
 * A row of the table of faults: what a server (or a disk) does, and the expected outcome of the
 * image.
 */
import type { ImageCode, Outcome, Verdict } from '../../src/contract/outcome';
import type { OpaqueKind } from '../../src/contract/run-input';
import type { Answer } from '../helpers/hosts/lying-server';
import type { SampleImages } from './sample-images';
import type { SecureListener } from './secure-listeners';

/** What listens at the port of a case. */
export type Listener = SecureListener | 'http' | 'mute' | 'nobody' | 'ipv6' | 'public';

/** What a case knows about its server. */
export interface Place {
  readonly port: number;
  /**
   * The ports of a server that speaks TLS and of one that does not, for redirects from one to the
   * other.
   */
  readonly tlsPort: number;
  readonly plainPort: number;
}

/** A number of requests, or the numbers that are right where the answers of other hosts decide. */
export type Count = number | readonly number[];

export interface Expected {
  readonly outcome: Outcome;
  readonly code: ImageCode | null;
  readonly retryable: boolean;
  /** The number of requests for the image of the case in the first run. */
  readonly requests: number;
  /** The same for the second and third run. The default is that of {@link requestsByRun}. */
  readonly later?: readonly [second: Count, third: Count];
  readonly verdict?: Verdict;
  readonly format?: string;
  /** Text that the detail contains; null when there is no detail. */
  readonly detail?: string | RegExp | null;
  /** The bytes that are stored. */
  readonly bytes?: (images: SampleImages) => Buffer;
}

export interface FaultCase {
  readonly row: string;
  readonly what: string;
  readonly expected: Expected;
  /** What is expected of a whole run, where the reader of the catalog corrects the URL. */
  readonly readFromCatalog?: Expected;
  /** The answer for `/case`. */
  readonly serve?: (images: SampleImages, place: Place) => Answer;
  /** The answers for other paths. */
  readonly others?: (images: SampleImages) => Readonly<Record<string, Answer>>;
  /** The default is `http`. */
  readonly listener?: Listener;
  /** A URL that is used instead of the server's `/case`. */
  readonly url?: (place: Place) => string;
  /** The number of requests for the image that another server receives. */
  readonly elsewhere?: number;
  /** An id that is used instead of row and what. */
  readonly id?: string;
  /**
   * Changes the data root before the batch. It receives the relative path that the image will have
   * if it is `good`.
   */
  readonly before?: (root: string, finalPath: string) => void;
  /** Checks the data root after the batch. */
  readonly after?: (root: string, finalPath: string) => void;
  /** Kinds that its run keeps. */
  readonly keep?: readonly OpaqueKind[];
  /** Settings of the worker, in addition to those of the whole table. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The id of a case in the catalog. */
export function idOf({ id, row, what }: FaultCase): string {
  return id ?? `${row} ${what}`;
}

type Facts = Partial<Omit<Expected, 'outcome' | 'code'>>;

/**
 * The numbers of requests for the image in the first, second and third run of the same command. By
 * default a later run requests only what is retryable, and sends as many requests as the first.
 */
export function requestsByRun({
  requests,
  retryable,
  later,
}: Expected): readonly [first: number, second: Count, third: Count] {
  const [second, third] = later ?? (retryable ? [requests, requests] : [0, 0]);
  return [requests, second, third];
}

/** The image is stored after one request, unless `facts` differ. */
export function stored(facts: Facts = {}): Expected {
  return { outcome: 'stored', code: null, retryable: false, requests: 1, ...facts };
}

/** The image fails permanently after one request. */
export function fails(code: ImageCode, facts: Facts = {}): Expected {
  return { outcome: 'failed', code, retryable: false, requests: 1, ...facts };
}

/** The worker's default number of attempts. */
export const ATTEMPTS = 3;

/** The image fails after all attempts, and a later run tries it again. */
export function failsForNow(code: ImageCode, facts: Facts = {}): Expected {
  return { outcome: 'failed', code, retryable: true, requests: ATTEMPTS, ...facts };
}

/**
 * A host that gives no answer. A later run does not know the host and gives it up after one
 * request, or after up to three when no other host had answered before.
 */
export function neverAnswers(code: ImageCode, facts: Facts = {}): Expected {
  return failsForNow(code, {
    later: [
      [1, 2, 3],
      [1, 2, 3],
    ],
    ...facts,
  });
}

/** Comes whole and damaged, twice the same: another request would bring it once more. */
export const TWICE_DAMAGED = fails('truncated', {
  requests: 2,
  detail: 'the same bytes came twice',
});

/** Settings for cases that wait until the time limit for one image has passed. */
export const SHORT_TIME_LIMIT = { ARTEMIS_MAX_SECONDS_PER_FILE: '5' };

/** The same for later runs, in which no good image has to arrive within that time. */
export const SHORTEST_TIME_LIMIT = { ARTEMIS_MAX_SECONDS_PER_FILE: '1' };
