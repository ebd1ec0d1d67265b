/**
 * Names that operators type: workflow types, updates, queries, signals and search attributes. They
 * must not change, because other programs and old histories use them.
 */
import { defineSearchAttributeKey } from '@temporalio/common';

export const RUN_PIPELINE = 'runPipeline';
export const DOWNLOAD_IMAGES = 'downloadImages';
export const COMPUTE_FEATURES = 'computeFeatures';

/**
 * The id of a run's download child. It contains the run's own id, so cancelling it by its id cannot
 * affect another workflow.
 */
export function downloadWorkflowId(workflowId: string): string {
  return `${workflowId}-download`;
}

/** The same of the child that computes features. */
export function featuresWorkflowId(workflowId: string): string {
  return `${workflowId}-features`;
}

/**
 * The id of the run that a child belongs to, the inverse of {@link downloadWorkflowId} and of
 * {@link featuresWorkflowId}.
 */
export function runWorkflowId(childWorkflowId: string): string {
  return childWorkflowId.replace(/-(download|features)$/, '');
}

export const UPDATE_RETRY_STEP = 'retryStep';
export const UPDATE_SKIP_STEP = 'skipStep';
export const UPDATE_ABORT_RUN = 'abortRun';
export const UPDATE_PAUSE_RUN = 'pauseRun';
export const UPDATE_RESUME_RUN = 'resumeRun';
export const UPDATE_SET_HOST_BUDGET = 'setHostBudget';
export const QUERY_PROGRESS = 'progress';
/** Sent from child to parent, at growing intervals. */
export const SIGNAL_DOWNLOAD_PROGRESS = 'downloadProgress';
export const SIGNAL_FEATURE_PROGRESS = 'featureProgress';
/** Sent from parent to child, with what operators want of its downloads or features. */
export const SIGNAL_STEER_DOWNLOADS = 'steerDownloads';

export const STATE_KEY = defineSearchAttributeKey('ArtemisState', 'KEYWORD');
export const STEP_KEY = defineSearchAttributeKey('ArtemisStep', 'KEYWORD');
export const IMAGES_DONE_KEY = defineSearchAttributeKey('ArtemisImagesDone', 'INT');
export const IMAGES_FAILED_KEY = defineSearchAttributeKey('ArtemisImagesFailed', 'INT');

/** The types of search attributes as Temporal's CLI names them. */
export const CLI_TYPE_NAMES = { KEYWORD: 'Keyword', INT: 'Int' } as const;

/** The search attributes that this program sets if the server has registered them. */
export const SEARCH_ATTRIBUTES = [STATE_KEY, STEP_KEY, IMAGES_DONE_KEY, IMAGES_FAILED_KEY] as const;
