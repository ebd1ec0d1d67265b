/** The options of a plan worker. */
import { Client } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { createPlanActivities } from '../activities/plan-activities';
import { serverForOthers } from '../contract/commands/printed-command';
import { watchCutOffRuns } from '../maintenance/cut-off-runs';
import type { Binding } from './worker-binding';

export function planOptions(binding: Binding): Partial<WorkerOptions> {
  const { config, warehouseId, log, releases, native, connection: server } = binding;
  releases.push(
    watchCutOffRuns({
      root: config.dataRoot,
      client: new Client({ connection: native, namespace: server.namespace }),
      log,
    }),
  );
  return {
    activities: createPlanActivities({
      config,
      warehouseId,
      server: serverForOthers(server),
      prepared: binding.prepared,
      ingestBegins: () => {
        for (const listener of binding.whenIngestBegins) listener();
      },
    }),
  };
}
