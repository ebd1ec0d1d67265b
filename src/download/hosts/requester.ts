/** On whose behalf a request is sent. */
import type { FailureWindow } from './outages/failure-window';
import type { Host } from './host';

/** One attempt at an entry, on whose behalf hosts are asked. */
export interface Requester {
  /** Names the image among those of its host, as long as it has not failed by itself. */
  readonly key: string | null;
  /** The host of the entry's own URL; others are asked only after redirects. */
  first: Host | null;
  /** The host that was asked last. */
  host: Host | null;
  /** It tries whether a block page still answers for all hosts. */
  isTrial: boolean;
  /** The last request failed because no connection could be opened to a host that had answered before. */
  isUnconnected: boolean;
  /** The failure windows that the last request's failure belongs to. */
  windows: readonly FailureWindow[];
}
