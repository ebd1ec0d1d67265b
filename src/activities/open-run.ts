/**
 * The first activity of a run. It checks the input, claims the run's folder, and returns what the
 * workflow code cannot find out.
 */
import { Context, log } from '@temporalio/activity';
import type { Config } from '../config';
import { refuseUnusableInput } from '../catalog/inspect/refuse-input';
import type { OpenRunInput, OpenRunResult } from '../contract/payloads';
import type { CommandPlace } from '../contract/commands/printed-command';
import { parseRunInput } from '../input/run-input-schema';
import { checkEmbeddingModel } from '../embeddings/compute-embeddings';
import { prepareDataRoot } from '../files/identity';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { refuseUnknownCollection } from '../files/run/known-collection';
import { writeRunFile } from '../files/run/run-records';
import { registeredSearchAttributes } from './registered-search-attributes';
import { scriptsOfFirstStep } from './scripts-of-run';
import { shortText } from './short-error';

/**
 * Opens the run that the calling workflow belongs to.
 *
 * @remarks Idempotent: run.json is written once, and a second call keeps its `startedAt`.
 * @throws StepError `input` that names the field, what the first rows of the catalog lack, or what
 *   the step `embeddings` lacks;
 *   StepError disk_* when the data root cannot be used.
 */
export async function openRun(options: {
  readonly input: OpenRunInput;
  readonly config: Config;
  readonly warehouseId: string;
  readonly place: CommandPlace;
  readonly prepared: PreparedProcesses;
}): Promise<OpenRunResult> {
  const { runId, workflowId, startedAt, input } = options.input;
  const resolved = parseRunInput(input);
  await prepareDataRoot(options.config.dataRoot, options.config.download.minFreeBytes);
  const { dataRoot, database } = options.config;
  refuseUnknownCollection(dataRoot, resolved);
  // It loads its modules while this activity looks at the catalog.
  options.prepared.start(scriptsOfFirstStep(resolved.steps));
  await refuseUnusableInput({ dataRoot, input: resolved, database, prepared: options.prepared });
  const embeddingModel = resolved.steps.includes('embeddings')
    ? await checkEmbeddingModel({ dataRoot, file: options.config.embeddingModel })
    : null;
  writeRunFile({
    root: options.config.dataRoot,
    run: { v: 1, runId, workflowId, input: resolved, catalog: null, startedAt },
  });
  return {
    warehouseId: options.warehouseId,
    input: resolved,
    searchAttributes: await registeredSearchAttributes(Context.current().client, warnOfUnknown),
    tuning: options.config.tuning,
    place: options.place,
    ...(embeddingModel === null ? {} : { embeddingModel }),
  };
}

function warnOfUnknown(error: unknown): void {
  log.warn(
    'Temporal does not list its search attributes: this run is not found by ArtemisState and the others (temporal workflow list --query)',
    { error: shortText(String(error)) },
  );
}
