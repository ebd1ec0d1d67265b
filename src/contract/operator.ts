/** Names that operators type: workflow types, updates, queries, signals, search attributes. Wire format. */
import { defineSearchAttributeKey } from '@temporalio/common';

export const RUN_PIPELINE = 'runPipeline';
export const DOWNLOAD_IMAGES = 'downloadImages';

/** The id of a run's download child: the run's own, so cancelling it by id can hit nobody else. */
export function downloadWorkflowId(workflowId: string): string {
  return `${workflowId}-download`;
}

/** The run whose download child has this id. */
export function runWorkflowId(downloadId: string): string {
  return downloadId.replace(/-download$/, '');
}

export const UPDATE_RETRY_STEP = 'retryStep';
export const UPDATE_ABORT_RUN = 'abortRun';
export const QUERY_PROGRESS = 'progress';
/** Child to parent, sparse. */
export const SIGNAL_DOWNLOAD_PROGRESS = 'downloadProgress';

export const STATE_KEY = defineSearchAttributeKey('ArtemisState', 'KEYWORD');
export const STEP_KEY = defineSearchAttributeKey('ArtemisStep', 'KEYWORD');
export const IMAGES_DONE_KEY = defineSearchAttributeKey('ArtemisImagesDone', 'INT');
export const IMAGES_FAILED_KEY = defineSearchAttributeKey('ArtemisImagesFailed', 'INT');

/** The search attributes we set where the server knows them. */
export const SEARCH_ATTRIBUTES = [STATE_KEY, STEP_KEY, IMAGES_DONE_KEY, IMAGES_FAILED_KEY] as const;
