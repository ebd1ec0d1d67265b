/** The step `publish`: the snapshot that readers use, with the run's end recorded in it. */
import { warehouseActivities } from '../activity-proxies';
import type { RunContext } from './run-context';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';

export async function publishStep(context: RunContext): Promise<void> {
  const { warehouseId, tracker, input } = context;
  const { collection } = input;
  const record = tracker.record();
  const endedAt = new Date().toISOString();
  const steps = record.steps.map((step) =>
    step.name === 'publish' ? { ...step, state: 'completed' as const, endedAt } : step,
  );
  // Readers keep seeing this run as the snapshot shows it, so the snapshot says how the run will
  // have ended.
  const final = { ...record, state: 'completed', endedAt, steps } as const;
  const publish = { queue: 'warehouse', activity: 'publishSnapshot' } as const;
  tracker.published = await awaitWithDiagnosis(context, publish, () =>
    warehouseActivities().publishSnapshot.executeWithOptions(
      { activityId: 'publish', summary: 'publish: the read-only snapshot' },
      [{ warehouseId, record: final, materialise: true, collection }],
    ),
  );
  tracker.noteDerivedProblems(tracker.published.derivedProblems);
  tracker.endedAt = endedAt;
}
