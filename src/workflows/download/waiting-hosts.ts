/** What a download child knows of hosts: which lanes wait for them, and which are asked for less than their budget. */
import type { DownloadProgress, HostWait, LanePause } from '../../contract/download';
import type { HostMemories } from '../../contract/payloads';
import { isNetworkGone } from '../reporting/host-text';
import { longestWaits } from './longest-waits';

/** Slowed hosts that are told. */
const MOST_SLOWED = 10;

/** Mutable, one a child. */
export class WaitingHosts {
  private readonly pauses = new Map<string, LanePause>();
  private readonly memories = new Map<string, HostMemories>();

  /** As the lane's last batch told it. */
  set(lane: string, hosts: HostMemories): void {
    if (Object.keys(hosts).length === 0) this.memories.delete(lane);
    else this.memories.set(lane, hosts);
  }

  pause(lane: string, pause: LanePause): void {
    this.pauses.set(lane, pause);
  }

  goOn(lane: string): void {
    this.pauses.delete(lane);
  }

  /** `running`: lanes with a batch in flight. */
  progress(
    running: Iterable<string>,
  ): Pick<DownloadProgress, 'waits' | 'isNetworkGone' | 'slowed'> {
    const waits = this.waits();
    const isAnybodyAtWork = [...running].some((lane) => !this.isProbing(lane));
    return {
      waits: longestWaits(waits),
      isNetworkGone: isNetworkGone(waits, isAnybodyAtWork),
      slowed: this.slowed().slice(0, MOST_SLOWED),
    };
  }

  /** One a host: of its lanes', and of its own, the one that ends last. */
  private waits(): readonly HostWait[] {
    const byHost = new Map<string, HostWait>();
    for (const pause of this.pauses.values()) {
      const known = byHost.get(pause.host);
      if (known === undefined || known.until < pause.until) byHost.set(pause.host, pause);
    }
    return [...byHost.values()];
  }

  /** Its batch finds out whether an outage is over. */
  private isProbing(lane: string): boolean {
    const hosts = Object.values(this.memories.get(lane) ?? {});
    return hosts.some(({ outage }) => outage !== undefined && outage.pauses > 0);
  }

  private slowed(): DownloadProgress['slowed'] {
    const all = [...this.memories.values()].flatMap((hosts) => Object.entries(hosts));
    return all.flatMap(([host, { rate }]) => (rate === undefined ? [] : [{ host, rate }]));
  }
}
