/** The hosts of one batch: each with its gate, its rate, and what is known of its outages; and the network behind them. */
import { NETWORK, type HostMemory, type HostPause } from '../contract/payloads';
import { createAdaptiveRate, type AdaptiveRate } from './adaptive-rate';
import type { BatchOptions } from './batch-options';
import { createHostGate, type HostGate } from './host-gate';
import { hostsLeft, type HostsLeft } from './hosts-left';
import { hostBudget } from './host-share';
import { WINDOW_MS } from './rate-window';
import { createOutageWatch, type OutageWatch } from './outage-watch';

/**
 * So many different images that fail, and no answer between, are an outage. A host of which one image in ten fails by itself gives
 * one false alarm in 100,000 images, which costs a second.
 */
const ENOUGH_IMAGES = 5;

/** So many different hosts that cannot be reached, and no answer of any between: the network. */
const ENOUGH_HOSTS = 3;

/** So many hosts of a lane are paused at once: one more that only fails is given up without a pause. */
const MOST_PAUSED = 4;

export interface BatchHost {
  readonly host: string;
  readonly gate: HostGate;
  readonly rate: AdaptiveRate;
  readonly outages: OutageWatch;
}

export interface BatchHosts {
  readonly network: OutageWatch;
  of(host: string): BatchHost;
  /** What the lane's next batch must know, and which host it waits for. `isLaneSeen`: none of its entries is still to be read. */
  left(isLaneSeen: boolean): HostsLeft;
  /** What has not been sent yet is for the next batch. */
  leaveAll(): void;
}

export function createBatchHosts(options: BatchOptions, execution: string): BatchHosts {
  const hosts = new Map<string, BatchHost>();
  const opensAt = performance.now() + quietMs(options);
  const network = createOutageWatch({
    ...outageOptions(options, NETWORK, execution),
    ...{ enough: ENOUGH_HOSTS, failsRest: false, mayPause: () => true },
    onDown: () => {
      for (const { gate } of hosts.values()) gate.recall();
    },
  });
  return {
    network,
    of: (name) => {
      const mayPause = (): boolean =>
        [...hosts.values()].filter(({ outages }) => outages.pauseMs() > 0).length < MOST_PAUSED;
      const host = hosts.get(name) ?? newHost(options, name, { execution, opensAt, mayPause });
      hosts.set(name, host);
      return host;
    },
    left: (isLaneSeen) =>
      hostsLeft(options.input.hosts ?? {}, [...hosts.values()], { network, isLaneSeen }),
    leaveAll: () => {
      network.leave();
      for (const { gate, outages } of hosts.values()) {
        outages.leave();
        gate.leave();
      }
    },
  };
}

/**
 * The lane's last execution may have asked its hosts just now, on another machine: their second is over before we begin.
 * **Units** ms.
 */
function quietMs({ input, attempt }: BatchOptions): number {
  const isFirst = input.previousDispatch === 0 && attempt === 1;
  return isFirst ? 0 : Math.min(WINDOW_MS, (input.timeBoxSeconds * 1_000) / 2);
}

function newHost(
  options: BatchOptions,
  host: string,
  {
    execution,
    opensAt,
    mayPause,
  }: {
    readonly execution: string;
    readonly opensAt: number;
    readonly mayPause: () => boolean;
  },
): BatchHost {
  const budget = hostBudget(options, host);
  const memory = memoryOf(options, host);
  const rate = createAdaptiveRate(budget.requestsPerSecond, memory?.rate);
  const gate = createHostGate(budget, rate, { memory: memory?.asked ?? null, opensAt });
  const outages = createOutageWatch({
    ...outageOptions(options, host, execution),
    ...{ enough: ENOUGH_IMAGES, failsRest: true, mayPause },
    onDown: () => {
      gate.recall();
    },
  });
  return { host, gate, rate, outages };
}

function outageOptions(options: BatchOptions, host: string, execution: string) {
  const { config, watch } = options;
  return {
    firstPauseMs: config.outageSeconds * 1_000,
    longestPauseMs: config.maxRetryAfterSeconds * 1_000,
    memory: memoryOf(options, host)?.outage ?? null,
    onWait: (waitMs: number, code: HostPause['code']) => {
      watch.hostWaits({ host: host === NETWORK ? 'network' : host, waitMs, code, execution });
    },
  };
}

/** Only own keys: a host may be called `constructor`. */
function memoryOf({ input: { hosts = {} } }: BatchOptions, host: string): HostMemory | undefined {
  return Object.hasOwn(hosts, host) ? hosts[host] : undefined;
}
