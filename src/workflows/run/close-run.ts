/**
 * Closes a run, however it ended: records the end in the warehouse, publishes it and writes the
 * summary to disk.
 */
import { log, patched, workflowInfo } from '@temporalio/workflow';
import type { FeatureProgress } from '../../contract/features/feature-workflow';
import { isBlocking } from '../../contract/obstacle';
import { NO_OUTCOMES, type CollectionCounts, type Summary } from '../../contract/run-record';
import { closingActivities, recordActivities } from '../activity-proxies';
import type { RunContext } from './run-context';
import { reportProgress } from '../reporting/report-progress';
import { updateWebUi } from '../reporting/update-web-ui';

export async function closeRun(context: RunContext): Promise<Summary> {
  const { tracker, warehouseId, runId } = context;
  if (tracker.endedAt === null) await recordEnd(context);
  await reportProgress(context);
  const summary = await context.plan.ask(() =>
    recordActivities().closeRun.executeWithOptions(
      { activityId: 'close', summary: 'close: write the summary' },
      [{ warehouseId, runId, life: workflowInfo().runId, summary: summaryOf(context) }],
    ),
  );
  tracker.report = summary;
  updateWebUi(context);
  return summary;
}

/**
 * For runs whose publish step did not record the end: it was not selected, or the run was
 * cancelled, aborted or failed.
 */
async function recordEnd({ tracker, warehouseId, input }: RunContext): Promise<void> {
  tracker.endedAt = new Date().toISOString();
  const record = tracker.record();
  const closing = closingActivities({ isBlocked: isBlocking(tracker.obstacle) });
  try {
    if (tracker.state === 'completed' && !isIngestAlone(tracker, input)) {
      await closing.recordRun.executeWithOptions(
        { summary: 'record the end of the run in the warehouse' },
        [{ warehouseId, record }],
      );
      return;
    }
    tracker.published = await closing.publishSnapshot.executeWithOptions(
      { summary: `publish the snapshot of a run that ends ${tracker.state}` },
      [{ warehouseId, record, materialise: true, collection: input.collection }],
    );
    tracker.noteDerivedProblems(tracker.published.derivedProblems);
  } catch (error) {
    // The warehouse may be what failed. summary.json has the run's end, and the ledgers have the
    // outcomes for the next run.
    log.warn('the end of the run could not be recorded in the warehouse', { error: String(error) });
  }
}

/**
 * True for a run whose only step is ingest. No other step publishes what it took, and its summary
 * takes its counts from the publication.
 */
function isIngestAlone(
  { parsed, published }: RunContext['tracker'],
  { steps }: RunContext['input'],
): boolean {
  const isAlone = parsed !== null && published === null && !steps.includes('publish');
  return isAlone && patched('ingest alone is published');
}

function summaryOf({
  tracker,
  runId,
  workflowId,
  startedAt,
  input,
}: RunContext): Omit<Summary, 'v'> {
  const endedAt = tracker.endedAt ?? new Date().toISOString();
  const { details, placeholders } = tracker.published ?? {};
  const { refused, unknownIds } = tracker.download ?? {};
  return {
    runId,
    workflowId,
    state: tracker.state,
    startedAt,
    endedAt,
    seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000,
    ...(input.collection === undefined ? {} : { collection: input.collection }),
    counts: collectionCounts(tracker),
    catalog: tracker.catalog(),
    run: tracker.download?.counts ?? NO_OUTCOMES,
    codes: tracker.download?.codes ?? {},
    ...(details === undefined ? {} : { details }),
    ...(placeholders === undefined ? {} : { placeholders }),
    ...(tracker.features === null ? {} : { features: featureCounts(tracker.features) }),
    ...(tracker.embeddings === null ? {} : { embeddings: tracker.embeddings }),
    ...(tracker.clusters === null ? {} : { clusters: tracker.clusters }),
    ...(tracker.models === null ? {} : { models: tracker.models }),
    ...(tracker.derivedProblems.size === 0
      ? {}
      : { derivedProblems: [...tracker.derivedProblems.values()] }),
    ...(refused === undefined ? {} : { refused }),
    ...(unknownIds === undefined ? {} : { unknownIds }),
  };
}

function featureCounts({
  planned,
  computed,
  failed,
}: FeatureProgress): NonNullable<Summary['features']> {
  return { planned, computed, failed };
}

function collectionCounts({ published, parsed }: RunContext['tracker']): CollectionCounts {
  const counts = published?.counts ?? {
    images: 0,
    stored: 0,
    failed: 0,
    pending: 0,
    noUrl: 0,
    removed: 0,
  };
  return {
    rows: parsed?.rows ?? counts.images - counts.removed,
    ...counts,
    rejected: parsed?.rejected ?? 0,
    duplicates: parsed?.duplicates ?? 0,
  };
}
