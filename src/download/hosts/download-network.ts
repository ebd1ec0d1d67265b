/** What all batches of a process share: its network, and the limit of open file descriptors. */
import { createOpenSockets, socketLimit, type OpenSockets } from '../../http/connect/open-sockets';
import { IdlePools } from '../../http/pools/idle-pools';
import { createNameResolver, type NameResolver } from '../../http/names/name-resolver';
import { BlockPages } from './network/block-pages';
import { NetworkMonitor } from './network/network-monitor';
import { ProcessBudgets } from './shared/process-budgets';

export interface DownloadNetwork {
  readonly resolver: NameResolver;
  readonly monitor: NetworkMonitor;
  readonly pages: BlockPages;
  /**
   * Requests under way to hosts that have answered. More requests at once would share the machine's
   * bandwidth until all of them exceed their deadlines.
   */
  readonly requests: OpenSockets;
  /**
   * Requests under way to hosts that have not answered yet. Most of the time such a request waits
   * for a dead host.
   */
  readonly firstContacts: OpenSockets;
  readonly idlePools: IdlePools;
  /** The budgets of hosts that the process shares with all other processes of the data root. */
  sharedBudgets(dataRoot: string): ProcessBudgets;
  /**
   * Leaves the shared budgets, and cancels look-ups that no request waits for. Called when no batch
   * runs any more.
   */
  close(): void;
}

const MOST_REQUESTS = 256;
const MOST_FIRST_CONTACTS = 512;
const MOST_NAME_CHANNELS = 256;

export interface DownloadNetworkOptions {
  /** The number of descriptors that sockets may use. */
  readonly sockets?: number;
  readonly warn?: (text: string) => void;
}

/**
 * Creates the network of a process. Where descriptors are few, requests, first contacts and idle
 * connections may each use a third of them.
 */
export function createDownloadNetwork({
  sockets = socketLimit(),
  warn = (text) => {
    process.emitWarning(text);
  },
}: DownloadNetworkOptions = {}): DownloadNetwork {
  const third = Math.max(4, Math.floor(sockets / 3));
  const resolver = createNameResolver({
    ownChannels: Math.min(MOST_NAME_CHANNELS, Math.ceil(third / 2)),
  });
  const budgets = new Map<string, ProcessBudgets>();
  return {
    resolver,
    monitor: new NetworkMonitor(resolver),
    pages: new BlockPages(),
    requests: createOpenSockets(Math.min(MOST_REQUESTS, third)),
    firstContacts: createOpenSockets(Math.min(MOST_FIRST_CONTACTS, third)),
    // A pool may have several connections.
    idlePools: new IdlePools(Math.ceil(third / 2)),
    sharedBudgets: (dataRoot) => {
      const known = budgets.get(dataRoot) ?? new ProcessBudgets(dataRoot, warn);
      budgets.set(dataRoot, known);
      return known;
    },
    close: () => {
      for (const each of budgets.values()) each.close();
      resolver.close();
    },
  };
}
