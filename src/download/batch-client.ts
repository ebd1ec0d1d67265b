/** The HTTP client of one batch: its hosts, its connections, its limits. */
import { hostKey } from '../contract/plan-entry';
import type { ImageStore } from '../files/image-store/image-store';
import { createAddressGuard, type AddressGuard } from '../http/addresses/address-guard';
import { readHostHeaders } from '../http/host-headers';
import { createProxyChoice } from '../http/proxy/choose-proxy';
import { createOriginPools, type OriginPools } from '../http/pools/origin-pools';
import type { BatchOptions } from './batch-options';
import type { EntryTools } from './entry/try-entry';
import type { Host } from './hosts/host';
import { hostBudget } from './hosts/limits/host-budget';
import { Hosts } from './hosts/hosts';
import type { Slots } from './slots';

export interface BatchClient {
  readonly tools: EntryTools;
  readonly hosts: Hosts;
  close(): Promise<void>;
}

/** What the batch has opened before. */
interface BatchParts {
  readonly execution: string;
  readonly slots: Slots;
  readonly store: ImageStore;
  /** Asks for images far ahead in the lane of this host. */
  readonly sampleAhead: (host: Host) => Promise<void>;
}

export function createBatchClient(
  options: BatchOptions,
  { execution, slots, store, sampleAhead }: BatchParts,
): BatchClient {
  const { input, config, checker, dataRoot: root } = options;
  const guard = createAddressGuard(config);
  const pools = createPools(options, guard);
  const hosts = new Hosts({
    batch: options,
    execution,
    slots,
    sampleAhead,
    assertOwned: () => {
      options.fence.assertOpen();
    },
    endpointOf: (url) => pools.endpointOf(url),
    closeIdle: (host) => {
      pools.closeHost(host);
    },
  });
  const client: EntryTools['client'] = {
    guard,
    pools,
    headers: readHostHeaders(config.headersFile),
    userAgent: config.userAgent,
    honorsRobotsTag: config.honorsRobotsTag,
    maxRetryAfterSeconds: config.maxRetryAfterSeconds,
    sent: { requests: 0 },
    ...clientLimits(options),
  };
  const pixels = limitWithin(config.pixels, input.limits.pixels);
  const { verify, keep = [] } = input;
  return {
    tools: { root, execution, store, client, checker, verify, keep, pixels },
    hosts,
    close: async () => {
      await pools.close();
      hosts.close();
    },
  };
}

function createPools(options: BatchOptions, guard: AddressGuard): OriginPools {
  const { resolver, idlePools: idle } = options.network;
  return createOriginPools({
    guard,
    resolver,
    idle,
    chooseProxy: createProxyChoice(options.config.proxy),
    connectionsFor: (url) => hostBudget(options, hostKey(url)).connections,
  });
}

/** A run's input may set lower limits than the worker's. */
function clientLimits({ config, input: { limits } }: BatchOptions) {
  return {
    bytesPerFile: limitWithin(config.bytesPerFile, limits.bytesPerFile),
    secondsPerFile: limitWithin(config.secondsPerFile, limits.secondsPerFile),
  };
}

function limitWithin(cap: number, wanted: number | undefined): number {
  return Math.min(cap, wanted ?? cap);
}
