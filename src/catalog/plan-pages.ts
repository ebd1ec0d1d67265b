/** The plan's index, page by page, as the workflow reads it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { StepError } from '../contract/errors';
import type { ReadPlanPageResult } from '../contract/payloads';
import { planPageName } from '../contract/plan-entry';
import { runPaths } from '../files/data-root';

const budget = z.object({ connections: z.number(), requestsPerSecond: z.number() });
const pageContent = z.object({
  lanes: z.array(
    z.object({
      lane: z.string(),
      hosts: z.array(z.string()),
      images: z.number(),
      entries: z.number(),
      budgets: z.record(z.string(), budget),
    }),
  ),
});

export interface ReadPlanPageOptions {
  readonly dataRoot: string;
  readonly runId: string;
  /** From 0. */
  readonly page: number;
}

/** **Errors** {@link StepError} `input` when the page is not there or is not ours: the plan must be made anew. */
export async function readPlanPage(options: ReadPlanPageOptions): Promise<ReadPlanPageResult> {
  const name = planPageName(options.page);
  const file = path.join(runPaths(options.dataRoot, options.runId).plan, name);
  try {
    return pageContent.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new StepError(
      'input',
      `Reading runs/${options.runId}/plan/${name}: ${String(error).slice(0, 300)}. Retry the step \`download\`: it plans anew.`,
      { cause: error },
    );
  }
}
