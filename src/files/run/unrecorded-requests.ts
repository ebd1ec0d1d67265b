/**
 * Requests that no ledger line contains. Their images were left for a later batch or a later run,
 * because the run was cancelled or their host waits. Each attempt of a batch writes one file beside
 * the plan.
 */
import fs from 'node:fs';
import path from 'node:path';
import { runPaths } from '../data-root';
import { ensureDirectory } from '../directories';

export interface UnrecordedRequests {
  readonly root: string;
  readonly runId: string;
  /** The attempt that sent the requests. */
  readonly execution: string;
  readonly requests: number;
}

/**
 * Records the requests. Only a number in a summary depends on the file, so errors of the disk are
 * ignored.
 */
export function noteUnrecordedRequests(noted: UnrecordedRequests): void {
  const { root, runId, execution, requests } = noted;
  if (requests === 0) return;
  const folder = folderOf(root, runId);
  try {
    ensureDirectory(folder);
    fs.writeFileSync(path.join(folder, `${execution}.txt`), `${requests}\n`);
  } catch {
    // Without the file the summary counts fewer requests.
  }
}

/** The number of requests that the attempts of a run recorded. */
export function unrecordedRequests(root: string, runId: string): number {
  const folder = folderOf(root, runId);
  if (!fs.existsSync(folder)) return 0;
  return fs
    .readdirSync(folder)
    .map((name) => Number(fs.readFileSync(path.join(folder, name), 'utf8')))
    .reduce((sum, requests) => sum + (Number.isSafeInteger(requests) ? requests : 0), 0);
}

function folderOf(root: string, runId: string): string {
  return path.join(runPaths(root, runId).plan, 'requests');
}
