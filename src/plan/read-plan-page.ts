/** Reads one page of the plan's index for the workflow. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { StepError } from '../contract/errors';
import type { ReadPlanPageResult } from '../contract/payloads';
import { planPageName } from '../contract/plan-entry';
import { runPaths } from '../files/data-root';
import { planPageSchema } from './plan-file-schemas';

export interface ReadPlanPageOptions {
  readonly dataRoot: string;
  readonly runId: string;
  /** The number of the page, counted from 0. */
  readonly page: number;
}

/**
 * @throws {StepError} `input` when the page is missing or does not match the schema. The run must
 * be planned again then.
 */
export async function readPlanPage(options: ReadPlanPageOptions): Promise<ReadPlanPageResult> {
  const name = planPageName(options.page);
  const file = path.join(runPaths(options.dataRoot, options.runId).plan, name);
  try {
    return planPageSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new StepError(
      'input',
      `Reading runs/${options.runId}/plan/${name}: ${String(error).slice(0, 300)}. Retry the step \`download\`: it plans again.`,
      { cause: error },
    );
  }
}
