/** The HTTP client of one batch: its hosts, its connections, its limits. */
import { hostKey } from '../contract/plan-entry';
import { createAddressGuard } from '../http/address-guard';
import type { Admission, HttpClient } from '../http/fetch-to-file';
import { readHostHeaders } from '../http/host-headers';
import { processNetwork } from '../http/network';
import { createOriginPools } from '../http/origin-pools';
import { createBatchHosts, type BatchHost, type BatchHosts } from './batch-hosts';
import type { BatchOptions } from './batch-options';
import type { EntryTools } from './entry-outcome';
import { waitCodeOf, type WaitCode } from './host-gate';
import { hostBudget } from './host-share';
import type { AwakeCheck } from './stall-watch';

export interface BatchClient {
  readonly tools: EntryTools;
  readonly hosts: BatchHosts;
  hostOf(url: string): BatchHost;
  close(): Promise<void>;
}

export function createBatchClient(options: BatchOptions, execution: string): BatchClient {
  const { input, config, checker, dataRoot: root } = options;
  const hosts = createBatchHosts(options, execution);
  const awake = options.stalls.begin();
  const guard = createAddressGuard(config);
  const pools = createOriginPools({
    guard,
    resolver: processNetwork().resolver,
    connectionsFor: (url) => hostBudget(options, hostKey(url)).connections,
  });
  const client: HttpClient = {
    guard,
    pools,
    headers: readHostHeaders(config.headersFile),
    userAgent: config.userAgent,
    honorsRobotsTag: config.honorsRobotsTag,
    bytesPerFile: narrower(config.bytesPerFile, input.limits.bytesPerFile),
    secondsPerFile: narrower(config.secondsPerFile, input.limits.secondsPerFile),
    maxRetryAfterSeconds: config.maxRetryAfterSeconds,
    admit: async (url, signal) => {
      const host = hostKey(url);
      return admitTo(hosts.of(host), awake, signal, (waitMs, code) => {
        options.watch.hostWaits({ host, waitMs, code, execution });
      });
    },
  };
  const pixels = narrower(config.pixels, input.limits.pixels);
  return {
    tools: { root, execution, client, checker, verify: input.verify, pixels },
    hosts,
    hostOf: (url) => hosts.of(URL.canParse(url) ? hostKey(new URL(url)) : ''),
    close: () => pools.close(),
  };
}

async function admitTo(
  { gate, rate }: BatchHost,
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
    refused: (status) => {
      rate.refused(startedAt, status);
    },
    askedToWait: (waitMs, failed) => {
      const code = waitCodeOf(failed);
      gate.askedToWait(waitMs, startedAt, code);
      onWait(waitMs, code);
    },
  };
}

function narrower(cap: number, wanted: number | undefined): number {
  return Math.min(cap, wanted ?? cap);
}
