/** Which hosts of a batch refuse everything, and the entries that wait to learn it. */
import type { RefusedHost } from '../../contract/run-record';
import type { RequestOutcome } from '../../http/host-access';
import { whenAborted } from '../../http/when-aborted';
import type { Host } from './host';
import { interpretOutcome } from './interpret-outcome';
import { refusalOf, type Refusal } from './outages/refusal';
import type { RefusalWindow } from './outages/refusals';
import type { Requester } from './requester';

/** The hosts of the batch. */
export interface HostsOfBatch {
  hostNamed(name: string): Host;
  leaveAll(): void;
}

export class RefusalsOfHosts {
  private readonly whenLeft: Promise<void>;
  /** The number of entries that wait. */
  private undecided = 0;

  /** `leaving` is aborted when the batch ends. */
  constructor(
    private readonly known: ReadonlyMap<string, Host>,
    private readonly hosts: HostsOfBatch,
    private readonly leaving: AbortSignal,
  ) {
    this.whenLeft = new Promise((resolve) => {
      whenAborted(leaving, () => {
        resolve();
      });
    });
  }

  /**
   * Records what became of an attempt at image `image`: whether its host refused it in a way that
   * may be meant for all its images. `failure` is null when it brought or confirmed a file.
   *
   * @returns the window of refusals that decides about it; null when it was not refused.
   */
  noteResult(
    { first, attempt }: Requester,
    image: number,
    { answer, failure }: RequestOutcome,
  ): RefusalWindow | null {
    const refusal = failure === null ? null : refusalOf(failure);
    if (refusal !== null) return first?.refused(image, refusal, attempt) ?? null;
    if (failure === null || (answer !== null && interpretOutcome({ answer, failure }).isGood))
      first?.refusals.accepted();
    return null;
  }

  /**
   * Counts a refusal that an earlier batch got.
   *
   * @returns null when the host is held or was given up meanwhile, so that it is asked again.
   */
  resume(name: string, image: number, refusal: Refusal): RefusalWindow | null {
    const host = this.hosts.hostNamed(name);
    return host.breaker.isClosed() || host.breaker.isSampling()
      ? host.refused(image, refusal, null)
      : null;
  }

  /** Waits until it is known whether a host refuses everything, or the batch ends (`open`). */
  async verdictOf(window: RefusalWindow): Promise<RefusalWindow['verdict']> {
    this.undecided += 1;
    try {
      await Promise.race([window.whenDecided, this.whenLeft]);
      return window.verdict;
    } finally {
      this.undecided -= 1;
    }
  }

  /**
   * Called while the last `count` entries of the batch are under way. When all of them wait to
   * learn whether their host refuses everything, nothing else will show it. They are decided if the
   * lane has no more images, and left for its next batch otherwise.
   */
  decide(count: number, isLaneRead: boolean): void {
    if (count === 0 || this.undecided < count || this.leaving.aborted) return;
    if (!isLaneRead) this.hosts.leaveAll();
    else for (const host of this.known.values()) host.refusals.decide();
  }

  /** Hosts that are given up because they refused everything. */
  givenUp(): readonly RefusedHost[] {
    return [...this.known.values()].flatMap(({ name: host, breaker }) => {
      const outage = breaker.snapshot();
      if (outage?.isExhausted !== true || outage.refusal === undefined) return [];
      return [{ host, code: outage.code, detail: outage.refusal }];
    });
  }
}
