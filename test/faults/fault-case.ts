/** A row of the table of faults: what a server (or a disk) does, and what must become of the image. */
import type { ImageCode, Outcome, Verdict } from '../../src/contract/outcome';
import type { OpaqueKind } from '../../src/contract/run-input';
import type { Answer } from '../helpers/lying-server';
import type { SampleImages } from './sample-images';
import type { SecureListener } from './secure-listeners';

/** What answers at a case's port. */
export type Listener = SecureListener | 'http' | 'mute' | 'nobody' | 'ipv6' | 'public';

/** What a case can know of its server. */
export interface Place {
  readonly port: number;
  /** Of a server that speaks TLS, and of one that does not: to be sent from the one to the other. */
  readonly tlsPort: number;
  readonly plainPort: number;
}

export interface Expected {
  readonly outcome: Outcome;
  readonly code: ImageCode | null;
  readonly retryable: boolean;
  /** Of the case's image. */
  readonly requests: number;
  readonly verdict?: Verdict;
  readonly format?: string;
  /** Words in the detail; null: there is none. */
  readonly detail?: string | RegExp | null;
  /** The stored bytes. */
  readonly bytes?: (images: SampleImages) => Buffer;
}

export interface FaultCase {
  readonly row: string;
  readonly what: string;
  readonly expected: Expected;
  /** What comes for `/case`. */
  readonly serve?: (images: SampleImages, place: Place) => Answer;
  /** What comes for other paths. */
  readonly others?: (images: SampleImages) => Readonly<Record<string, Answer>>;
  /** `http` by default. */
  readonly listener?: Listener;
  /** Instead of the server's `/case`. */
  readonly url?: (place: Place) => string;
  /** Requests of the image's that another server than the case's gets. */
  readonly elsewhere?: number;
  /** Instead of row and what. */
  readonly id?: string;
  /** Done to the data root before, with the image's relative path when it will be `good`. */
  readonly before?: (root: string, finalPath: string) => void;
  /** Looks at the data root when all is done. */
  readonly after?: (root: string, finalPath: string) => void;
  /** Of its run. */
  readonly keep?: readonly OpaqueKind[];
  /** Of its worker, beside those of the whole table. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The catalog's id of a case. */
export function idOf({ id, row, what }: FaultCase): string {
  return id ?? `${row} ${what}`;
}

type Facts = Partial<Omit<Expected, 'outcome' | 'code'>>;

/** Stored after one request, unless said otherwise. */
export function stored(facts: Facts = {}): Expected {
  return { outcome: 'stored', code: null, retryable: false, requests: 1, ...facts };
}

/** Fails for good: one request. */
export function fails(code: ImageCode, facts: Facts = {}): Expected {
  return { outcome: 'failed', code, retryable: false, requests: 1, ...facts };
}

/** **Source** the worker's default. */
export const ATTEMPTS = 3;

/** Fails after its tries, and is for a later run to try again. */
export function failsForNow(code: ImageCode, facts: Facts = {}): Expected {
  return { outcome: 'failed', code, retryable: true, requests: ATTEMPTS, ...facts };
}

/** Comes whole and damaged, twice the same: another request would bring it once more. */
export const TWICE_DAMAGED = fails('truncated', {
  requests: 2,
  detail: 'the same bytes came twice',
});

/** Settings for cases that wait until the time limit for one image has passed. */
export const SHORT_TIME_LIMIT = { ARTEMIS_MAX_SECONDS_PER_FILE: '5' };
