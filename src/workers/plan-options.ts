/** The options of a plan worker. */
import { Client } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { createPlanActivities } from '../activities/plan-activities';
import { serverForOthers } from '../contract/commands/printed-command';
import { watchCutOffRuns } from '../maintenance/cut-off-runs';
import { PreparedProcesses } from '../processes/prepared-processes';
import type { Release } from './stop-workers';
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
      prepared: prepare(releases, binding.runBegins ?? true),
    }),
  };
}

/** Starts the processes that a run needs first, or none. */
function prepare(releases: Release[], runBegins: boolean): PreparedProcesses {
  const prepared = new PreparedProcesses(
    runBegins
      ? ['catalog/inspect/inspect-child.js', 'catalog/catalog-child.js', 'plan/plan-process.js']
      : [],
  );
  releases.push(() => {
    prepared.close();
    return Promise.resolve();
  });
  return prepared;
}
