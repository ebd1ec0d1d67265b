/** The HTTP client of one batch: its hosts' gates, its connections, its limits. */
import { ownBudget } from '../contract/own-budget';
import type { HostBudget } from '../contract/run-input';
import { hostKey } from '../contract/plan-entry';
import { createAddressGuard } from '../http/address-guard';
import type { Admission, HttpClient } from '../http/fetch-to-file';
import { readHostHeaders } from '../http/host-headers';
import { createOriginPools } from '../http/origin-pools';
import type { EntryTools } from './entry-outcome';
import { createHostGate, type HostGate, type WaitCode } from './host-gate';
import type { BatchOptions } from './batch-options';
import type { AwakeCheck } from './stall-watch';

/** A gate and the host it is of. */
export interface NamedGate extends HostGate {
  readonly host: string;
}

export interface BatchClient {
  readonly tools: EntryTools;
  gateFor(url: string): NamedGate;
  /** What has not been sent yet is for the next batch. */
  leaveAll(): void;
  close(): Promise<void>;
}

/** Below the widest budget of any host, so that a lane without one cannot be asked for more. */
const FALLBACK: HostBudget = { connections: 1, requestsPerSecond: 1 };

export function createBatchClient(options: BatchOptions, execution: string): BatchClient {
  const { input, config, checker, dataRoot: root } = options;
  const gates = new Map<string, NamedGate>();
  const awake = options.stalls.begin();
  const gateOf = (host: string): NamedGate => {
    const gate = gates.get(host) ?? newGate(options, host);
    gates.set(host, gate);
    return gate;
  };
  const guard = createAddressGuard(config);
  const pools = createOriginPools({
    guard,
    connectionsFor: (url) => budgetOf(options, hostKey(url)).connections,
  });
  const client: HttpClient = {
    guard,
    pools,
    headers: readHostHeaders(config.headersFile),
    userAgent: config.userAgent,
    bytesPerFile: narrower(config.bytesPerFile, input.limits.bytesPerFile),
    secondsPerFile: narrower(config.secondsPerFile, input.limits.secondsPerFile),
    maxRetryAfterSeconds: config.maxRetryAfterSeconds,
    admit: async (url, signal) => {
      const host = hostKey(url);
      return admitTo(gateOf(host), awake, signal, (waitMs, code) => {
        options.watch.hostWaits({ host, waitMs, code, execution });
      });
    },
  };
  const pixels = narrower(config.pixels, input.limits.pixels);
  return {
    tools: { root, execution, client, checker, verify: input.verify, pixels },
    gateFor: (url) => gateOf(URL.canParse(url) ? hostKey(new URL(url)) : ''),
    leaveAll: () => {
      for (const gate of gates.values()) gate.leave();
    },
    close: () => pools.close(),
  };
}

async function admitTo(
  gate: HostGate,
  awake: AwakeCheck,
  signal: AbortSignal,
  onWait: (waitMs: number, code: WaitCode) => void,
): Promise<Admission> {
  const admission = await gate.admit(signal);
  try {
    awake.assertAwake();
  } catch (error) {
    admission.release();
    throw error;
  }
  const startedAt = performance.now();
  return {
    ...admission,
    askedToWait: (waitMs, status) => {
      const code = status === 429 ? 'http_429' : 'http_503';
      gate.askedToWait(waitMs, startedAt, code);
      onWait(waitMs, code);
    },
  };
}

function newGate(options: BatchOptions, host: string): NamedGate {
  const exhausted = options.input.exhausted?.[host] ?? null;
  return { host, ...createHostGate(budgetOf(options, host), exhausted) };
}

/**
 * The run's budget for a host, `name:port` before `name` before `default`, never wider than the worker's caps: the caps are the
 * host's, so they are shared like the budget.
 */
function budgetOf({ input, config }: BatchOptions, host: string): HostBudget {
  const { budgets } = input;
  const wanted = ownBudget(host, budgets) ?? budgets.default ?? FALLBACK;
  const sharedBy = input.sharedBy ?? 1;
  return {
    connections: share(Math.min(wanted.connections, config.maxConnectionsPerHost), sharedBy),
    requestsPerSecond: share(
      Math.min(wanted.requestsPerSecond, config.maxRequestsPerSecond),
      sharedBy,
    ),
  };
}

function share(whole: number, sharedBy: number): number {
  return sharedBy === 1 ? whole : Math.max(1, Math.floor(whole / sharedBy));
}

function narrower(cap: number, wanted: number | undefined): number {
  return Math.min(cap, wanted ?? cap);
}
