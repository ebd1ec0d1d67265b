/** The SDK's runtime of this process: its log goes into ours, its metrics and ours to one endpoint. */
import { Runtime, makeTelemetryFilterString, type TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createMetrics, HISTOGRAM_BUCKETS, type Metrics } from './metrics';
import { sdkLogger } from './sdk-logger';

let installed: Metrics | null = null;

/**
 * `metricsAddress`: where metrics are served, null: nowhere. An address that is taken is no reason not to work:
 * it is said, and nothing is served.
 *
 * **Idempotency** the first call of a process counts.
 */
export function installRuntime(log: Logger, metricsAddress: string | null): Metrics {
  if (installed !== null) return installed;
  try {
    install(log, metricsAddress);
    if (metricsAddress !== null) log.info(`metrics are at http://${metricsAddress}/metrics`);
  } catch (error) {
    if (metricsAddress === null) throw error;
    log.warn(
      `This process serves no metrics: ARTEMIS_METRICS_ADDRESS ${metricsAddress} cannot be listened on (${String(error)}). Give each worker process an address of its own.`,
    );
    install(log, null);
  }
  installed = createMetrics(Runtime.instance().metricMeter);
  return installed;
}

function install(log: Logger, metricsAddress: string | null): void {
  // Ctrl-C reaches the whole process group: who ends the workers, and when, is for the command to say.
  Runtime.install({
    shutdownSignals: [],
    logger: sdkLogger(log),
    telemetryOptions: {
      // Without this the SDK's core writes to stderr by itself.
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
