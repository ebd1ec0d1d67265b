/** What the Web UI shows of a run: its details, and the search attributes that the server knows. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { IMAGES_DONE_KEY, IMAGES_FAILED_KEY, STATE_KEY, STEP_KEY } from '../../contract/operator';
import type { RunContext } from '../run/run-context';
import type { RunTracker } from '../run/run-tracker';
import { runDetails } from './run-details';

export type UpdatedRun = Pick<RunContext, 'tracker' | 'searchAttributes' | 'place'>;

/**
 * Sets both. Sets attributes only when they have changed, because each change is an event in the
 * history.
 */
export function updateWebUi({ tracker, searchAttributes, place }: UpdatedRun): void {
  const { workflowId, namespace } = workflowInfo();
  const { state } = tracker.entry();
  setCurrentDetails(
    runDetails({
      runId: tracker.identity.runId,
      workflowId,
      server: place?.server ?? { address: '', namespace },
      dataRoot: place?.dataRoot ?? null,
      state,
      now: new Date().toISOString(),
      steps: tracker.stepRecords(),
      step: tracker.currentStep(),
      failure: tracker.failure,
      obstacle: tracker.obstacle,
      catalog: tracker.catalog(),
      download: tracker.download,
      placeholders: tracker.published?.placeholders ?? [],
      features: tracker.features,
      embeddings: tracker.embeddings,
      clusters: tracker.clusters,
      models: tracker.models,
      report: tracker.report,
      derivedProblems: [...tracker.derivedProblems.values()],
      parkedUntil: tracker.state === 'parked' ? tracker.parkedUntil : null,
    }),
  );
  setSearchAttributes(tracker, state, searchAttributes);
}

function setSearchAttributes(tracker: RunTracker, state: string, known: readonly string[]): void {
  const counts = tracker.download?.counts;
  const pairs = [
    { key: STATE_KEY, value: state },
    { key: STEP_KEY, value: tracker.currentStep()?.name ?? 'none' },
    { key: IMAGES_DONE_KEY, value: (counts?.stored ?? 0) + (counts?.notModified ?? 0) },
    { key: IMAGES_FAILED_KEY, value: counts?.failed ?? 0 },
  ];
  const registered = pairs.filter(({ key }) => known.includes(key.name));
  const shown = JSON.stringify(registered.map(({ value }) => value));
  if (registered.length === 0 || shown === tracker.shownAttributes) return;
  tracker.shownAttributes = shown;
  upsertSearchAttributes(registered);
}
