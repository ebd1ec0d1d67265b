/** The attempt for which requests are sent. */
import type { Attempt } from './outages/attempt';
import type { FailureWindow } from './outages/failure-window';
import type { Host } from './host';
import type { WaitingImage } from './limits/asked-wait';

/** One attempt at an entry, for which requests are sent to one or more hosts. */
export interface Requester {
  readonly image: WaitingImage;
  /**
   * Names the image among those of its host, as long as it has not failed for a reason of its own.
   */
  readonly key: string | null;
  /** The host of the entry's own URL. Requests to other hosts follow redirects. */
  first: Host | null;
  /** The attempt at that host. */
  attempt: Attempt | null;
  /** It only finds out whether the host refuses everything, and holds no slot. */
  readonly isSample: boolean;
  /** The host of the latest request. */
  host: Host | null;
  /** This attempt tests whether a block page is still returned for all hosts. */
  isTrial: boolean;
  /**
   * The last request failed because no connection could be opened to a host that had answered
   * before.
   */
  isUnconnected: boolean;
  /** The failure windows to which the failure of the last request belongs. */
  windows: readonly FailureWindow[];
}

export function newRequester(
  image: WaitingImage,
  { key, isSample }: Pick<Requester, 'key' | 'isSample'>,
): Requester {
  return {
    image,
    key,
    first: null,
    attempt: null,
    isSample,
    host: null,
    isTrial: false,
    isUnconnected: false,
    windows: [],
  };
}
