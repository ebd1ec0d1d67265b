/**
 * The SDK's runtime of this process. The SDK logs to this program's log, and all metrics are served
 * at one endpoint.
 */
import { Runtime, makeTelemetryFilterString, type TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createMetrics, HISTOGRAM_BUCKETS, type Metrics } from './metrics';
import { sdkLogger } from './sdk-logger';

let installed: Metrics | null = null;

/**
 * Installs the runtime. Only the first call of a process has an effect. `metricsAddress` is the
 * address at which metrics are served, or null for none. If the address is in use, a warning is
 * logged and no metrics are served.
 */
export function installRuntime(log: Logger, metricsAddress: string | null): Metrics {
  if (installed !== null) return installed;
  try {
    installWith(log, metricsAddress);
    if (metricsAddress !== null) log.info(`metrics are at http://${metricsAddress}/metrics`);
  } catch (error) {
    if (metricsAddress === null) throw error;
    log.warn(
      `This process serves no metrics: ARTEMIS_METRICS_ADDRESS ${metricsAddress} cannot be listened on (${String(error)}). Give each worker process an address of its own.`,
    );
    installWith(log, null);
  }
  installed = createMetrics(Runtime.instance().metricMeter);
  return installed;
}

/**
 * Ends the runtime of a process in which no connection of a worker was opened. The last connection
 * that is closed does so otherwise. A process with a runtime does not end.
 */
export async function endRuntime(): Promise<void> {
  installed = null;
  await Runtime.instance().shutdown();
}

function installWith(log: Logger, metricsAddress: string | null): void {
  // Ctrl-C reaches the whole process group. The command decides when and how the workers end.
  Runtime.install({
    shutdownSignals: [],
    logger: sdkLogger(log),
    telemetryOptions: {
      // Without this the SDK's core writes to stderr.
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...metricsOptions(metricsAddress),
    },
  });
}

function metricsOptions(bindAddress: string | null): Pick<TelemetryOptions, 'metrics'> {
  if (bindAddress === null) return {};
  const prometheus = { bindAddress, histogramBucketOverrides: { ...HISTOGRAM_BUCKETS } };
  return { metrics: { prometheus } };
}
