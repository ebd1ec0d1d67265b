/** Reads the entries of a lane of features from the plan of a run. */
import path from 'node:path';
import { StepError } from '../contract/errors';
import type { FeatureEntry } from '../contract/features/feature';
import { relativeToRoot, runPaths } from '../files/data-root';
import { readLedgerTexts } from '../files/ledger/ledger-reader';

/** A stretch of the plan, in bytes from its start. */
export interface PlanStretch {
  readonly root: string;
  readonly runId: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Yields each entry and the offset after it.
 *
 * @throws StepError `input` when a line is no entry; errors of the file system.
 */
export async function* readFeatureEntries({
  root,
  runId,
  from,
  to,
}: PlanStretch): AsyncGenerator<{ readonly entry: FeatureEntry; readonly after: number }> {
  if (from >= to) return;
  const file = runPaths(root, runId).featurePlan;
  for await (const { text, end } of readLedgerTexts(file, from)) {
    yield { entry: parseEntry(text, relativeToRoot(root, path.resolve(file))), after: end };
    if (end >= to) return;
  }
}

function parseEntry(text: string, plan: string): FeatureEntry {
  try {
    const { sha256, paths } = JSON.parse(text) as Partial<FeatureEntry>;
    if (typeof sha256 === 'string' && Array.isArray(paths)) return { sha256, paths };
  } catch {
    // The error below reports it.
  }
  throw new StepError(
    'input',
    `${plan} has a line that is no entry: ${text.slice(0, 100)}. Retry the step \`features\`: it plans again.`,
  );
}
