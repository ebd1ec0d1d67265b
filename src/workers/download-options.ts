/** The options of a download worker. */
import type { WorkerOptions } from '@temporalio/worker';
import { createDownloadActivities } from '../activities/download-activities';
import { createDownloadNetwork } from '../download/hosts/download-network';
import { createImageChecker } from '../images/image-checker';
import { createOwnershipQuestions } from '../server/ownership-questions';
import { IMAGE_TIMEOUT_MS } from './plan-workers';
import type { Binding } from './worker-binding';

/** The number of decoder processes of a download worker. */
const DECODERS = 2;

export function downloadOptions(binding: Binding): Partial<WorkerOptions> {
  const { config, log, releases } = binding;
  const checker = createImageChecker({ processes: DECODERS, timeoutMs: IMAGE_TIMEOUT_MS });
  const ownership = createOwnershipQuestions(binding.connection);
  const network = createDownloadNetwork({
    warn: (text) => {
      log.warn(text);
    },
  });
  releases.push(
    () => checker.close(),
    () => ownership.close(),
    () => {
      network.close();
      return Promise.resolve();
    },
  );
  return {
    activities: createDownloadActivities({
      dataRoot: config.dataRoot,
      config: config.download,
      checker,
      ownership,
      network,
      metrics: binding.metrics,
    }),
  };
}
