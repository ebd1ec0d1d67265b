/**
 * What a download child knows about hosts: which lanes wait for them, and which get fewer requests
 * than their budget allows.
 */
import type { DownloadProgress, HostWait, LanePause } from '../../contract/download-workflow';
import type { SavedHostStates } from '../../contract/hosts/saved-host-state';
import type { RefusedHost } from '../../contract/run-record';
import { isNetworkGone } from '../reporting/host-text';
import { longestWaits } from './longest-waits';

/** The most slowed hosts that are reported. */
const MOST_SLOWED = 10;
const MOST_REFUSED = 10;

/** Mutable; each child has one. */
export class WaitingHosts {
  private readonly pauses = new Map<string, LanePause>();
  private readonly hostStates = new Map<string, SavedHostStates>();
  private readonly refused: Map<string, RefusedHost>;

  /** `refused` are those of the child's former workflow execution. */
  constructor(refused: readonly RefusedHost[] = []) {
    this.refused = new Map(refused.map((each) => [each.host, each]));
  }

  /** Adds hosts that a batch has given up because they refused everything. */
  addRefused(refused: readonly RefusedHost[]): void {
    for (const each of refused)
      if (this.refused.size < MOST_REFUSED) this.refused.set(each.host, each);
  }

  /** Sets the hosts' state as the lane's last batch returned it. */
  setHosts(lane: string, hosts: SavedHostStates): void {
    if (Object.keys(hosts).length === 0) this.hostStates.delete(lane);
    else this.hostStates.set(lane, hosts);
  }

  pause(lane: string, pause: LanePause): void {
    this.pauses.set(lane, pause);
  }

  resume(lane: string): void {
    this.pauses.delete(lane);
  }

  /** @param running the lanes with a running batch. */
  progress(
    running: Iterable<string>,
  ): Pick<DownloadProgress, 'waits' | 'isNetworkGone' | 'slowed' | 'refused'> {
    const waits = this.waits();
    const isAnyBatchWorking = [...running].some((lane) => !this.isProbing(lane));
    return {
      waits: longestWaits(waits),
      isNetworkGone: isNetworkGone(waits, isAnyBatchWorking),
      slowed: this.slowed().slice(0, MOST_SLOWED),
      ...(this.refused.size === 0 ? {} : { refused: [...this.refused.values()] }),
    };
  }

  /** One wait for each host: the one of its lanes that ends last. */
  private waits(): readonly HostWait[] {
    const byHost = new Map<string, HostWait>();
    for (const pause of this.pauses.values()) {
      const known = byHost.get(pause.host);
      if (known === undefined || known.until < pause.until) byHost.set(pause.host, pause);
    }
    return [...byHost.values()];
  }

  /** True for a lane whose batch finds out whether an outage is over. */
  private isProbing(lane: string): boolean {
    const hosts = Object.values(this.hostStates.get(lane) ?? {});
    return hosts.some(({ outage }) => outage !== undefined && outage.pauses > 0);
  }

  private slowed(): DownloadProgress['slowed'] {
    const all = [...this.hostStates.values()].flatMap((hosts) => Object.entries(hosts));
    return all.flatMap(([host, { rate }]) => (rate === undefined ? [] : [{ host, rate }]));
  }
}
