/** What requests report to everything that the hosts of a batch share. */
import type { Endpoint } from '../../http/connect/probe-endpoints';
import type { BatchOptions } from '../batch-options';
import type { NetworkGate } from './network/network-gate';
import type { SharedEndpoints } from './network/shared-endpoints';
import type { Reporting } from './permit';

interface ReportingOptions {
  readonly batch: BatchOptions;
  readonly execution: string;
  /** The endpoint of the latest connection to the origin of a URL. */
  readonly endpointOf: (url: URL) => Endpoint | null;
  /** Closes the idle connections of the host with this name. */
  readonly closeIdle: (host: string) => void;
}

export function createReporting(
  { batch, execution, endpointOf, closeIdle }: ReportingOptions,
  network: NetworkGate,
  shared: SharedEndpoints,
): Reporting {
  const { monitor } = batch.network;
  return {
    answered: (url) => {
      monitor.answered(endpointOf(url));
      network.answered();
      shared.offer(() => monitor.answeredEndpoints());
    },
    failed: (host, failure, startedAt) =>
      monitor.failed({ name: host.name, hasAnswered: host.isAlive() }, failure, {
        startedAt,
        firstPauseMs: batch.config.outageSeconds * 1_000,
      }),
    waits: (host, waitMs, code) => {
      batch.watch.hostWaits({ host: host.name, waitMs, code, execution });
    },
    closeIdle: ({ name }) => {
      closeIdle(name);
    },
  };
}
