/** What all batches of a process share: the network is the same for all of them. */
import { NetworkMonitor } from './network-monitor';

export interface DownloadNetwork {
  readonly monitor: NetworkMonitor;
}

/** One a process. */
export function createDownloadNetwork(): DownloadNetwork {
  const resolver = {
    hasAnsweredSince: () => true,
    probe: () => Promise.resolve(true),
  };
  return { monitor: new NetworkMonitor(resolver) };
}
