/**
 * Marks of merges: which catalogs came into the warehouse, and in which order.
 *
 * A run may leave a catalog.parquet that was never merged (refused, aborted), and replace one that was (a reset, a retried step).
 * So a merge that is durable is marked by `runs/<runId>/merged/<sequence>.json`, with hard links beside it to the very files that
 * were merged. The sequence counts over all runs of the data root.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { MergeCatalogInput, RunRecord } from '../../contract/payloads';
import { writeFileAtomically } from '../write-file-atomically';
import { dataRootPaths, relativeToRoot, runPaths, underRoot } from '../data-root';
import { ensureDirectory, syncDirectory } from '../directories';
import { onDisk } from '../disk-errors';
import { linkOrCopy } from '../link-or-copy';
import { noteRecord, isRunRecord } from './recorded-run';

/** A catalog that was merged. **Shape** `parquet` and `rejects` relative to the data root; `record` as it was written with it. */
export interface Merge {
  readonly sequence: number;
  readonly runId: string;
  readonly parquet: string;
  readonly rejects: string;
  readonly record: RunRecord;
}

const mark = z.object({ v: z.literal(1), sequence: z.number().int(), record: z.unknown() });

/**
 * **Idempotency** the merge that was marked last is not marked again.
 * **Errors** StepError disk_*: the merge is then done again, which changes nothing.
 */
export function noteMerge(
  input: Pick<MergeCatalogInput, 'runId' | 'parquet' | 'rejects' | 'record'> & {
    readonly root: string;
  },
): void {
  const { root, runId, record } = input;
  noteRecord(root, record);
  const last = listMerges(root).at(-1);
  if (last?.runId === runId && isSameFile(root, last, input)) return;
  const sequence = (last?.sequence ?? 0) + 1;
  const files = markFiles(root, runId, sequence);
  onDisk(`mark the merge of ${input.parquet}`, () => {
    ensureDirectory(runPaths(root, runId).merged);
    keep(underRoot(root, input.parquet), files.parquet);
    keep(underRoot(root, input.rejects), files.rejects);
    syncDirectory(runPaths(root, runId).merged);
  });
  const content = `${JSON.stringify({ v: 1, sequence, record }, null, 2)}\n`;
  writeFileAtomically({ root, path: files.mark, content });
}

/** In the order in which they were merged. */
export function listMerges(root: string): readonly Merge[] {
  const { runs } = dataRootPaths(root);
  if (!fs.existsSync(runs)) return [];
  const merges = fs.readdirSync(runs).flatMap((runId) => mergesOfRun(root, runId));
  return merges.sort((a, b) => a.sequence - b.sequence);
}

function mergesOfRun(root: string, runId: string): readonly Merge[] {
  const { merged } = runPaths(root, runId);
  if (!fs.existsSync(merged)) return [];
  const marks = fs.readdirSync(merged).filter((name) => name.endsWith('.json'));
  return marks.flatMap((name) => {
    const parsed = mark.safeParse(readJson(path.join(merged, name)));
    if (!parsed.success || !isRunRecord(parsed.data.record)) return [];
    const { sequence, record } = parsed.data;
    const files = markFiles(root, runId, sequence);
    const parquet = relativeToRoot(root, files.parquet);
    return [{ sequence, runId, parquet, rejects: relativeToRoot(root, files.rejects), record }];
  });
}

function markFiles(
  root: string,
  runId: string,
  sequence: number,
): Readonly<Record<'mark' | 'parquet' | 'rejects', string>> {
  const stem = path.join(runPaths(root, runId).merged, String(sequence).padStart(8, '0'));
  return { mark: `${stem}.json`, parquet: `${stem}.parquet`, rejects: `${stem}.rejects.ndjson` };
}

/** Under a second name: the first one may be replaced. Left by a kill before the mark was written: replaced. */
function keep(from: string, to: string): void {
  fs.rmSync(to, { force: true });
  linkOrCopy(from, to);
}

function isSameFile(
  root: string,
  last: Merge,
  input: { readonly parquet: string; readonly rejects: string },
): boolean {
  const inode = (file: string): number | undefined =>
    fs.statSync(underRoot(root, file), { throwIfNoEntry: false })?.ino;
  return (
    inode(last.parquet) === inode(input.parquet) && inode(last.rejects) === inode(input.rejects)
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
