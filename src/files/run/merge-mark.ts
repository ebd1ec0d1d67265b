/**
 * Marks of merges: which catalogs were merged into the warehouse, and in which order.
 *
 * A run may leave a catalog.parquet that was never merged (refused, aborted), and may replace one
 * that was merged (after a reset or a retried step). A durable merge is therefore marked by
 * `runs/<runId>/merged/<sequence>.json`, with hard links to the merged files beside it. The
 * sequence counts over all runs of the data root.
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
import { readJsonIfPresent } from '../read-if-present';
import { noteRecord, isRunRecord } from './recorded-run';

/**
 * A merged catalog. `parquet` and `rejects` are relative to the data root; `record` is the run
 * record that was written with the merge.
 */
export interface Merge {
  readonly sequence: number;
  readonly runId: string;
  /** Absent: the unnamed collection. */
  readonly collection?: string | undefined;
  readonly parquet: string;
  readonly rejects: string;
  readonly record: RunRecord;
}

const mark = z.object({
  v: z.literal(1),
  sequence: z.number().int(),
  collection: z.string().optional(),
  record: z.unknown(),
});

/**
 * Marks a merge. The latest merge is not marked twice.
 *
 * @throws StepError disk_*. The merge is then repeated, which changes nothing.
 */
export function noteMerge(
  input: Pick<MergeCatalogInput, 'runId' | 'parquet' | 'rejects' | 'record' | 'collection'> & {
    readonly root: string;
  },
): void {
  const { root, runId, collection, record } = input;
  noteRecord(root, record);
  const latest = listMerges(root).at(-1);
  if (latest?.runId === runId && areSameFiles(root, latest, input)) return;
  const sequence = (latest?.sequence ?? 0) + 1;
  const files = markFiles(root, runId, sequence);
  onDisk(`mark the merge of ${input.parquet}`, () => {
    ensureDirectory(runPaths(root, runId).merged);
    linkReplacing(underRoot(root, input.parquet), files.parquet);
    linkReplacing(underRoot(root, input.rejects), files.rejects);
    syncDirectory(runPaths(root, runId).merged);
  });
  const content = `${JSON.stringify({ v: 1, sequence, collection, record }, null, 2)}\n`;
  writeFileAtomically({ root, path: files.mark, content });
}

/**
 * The merges of a data root, in the order in which they were made.
 *
 * @throws StepError disk_* when a mark cannot be read: without it, the next merge would get a
 *   number that is taken, and a rebuild would leave a catalog out.
 */
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
    const parsed = readJsonIfPresent(mark, path.join(merged, name));
    if (parsed === null || !isRunRecord(parsed.record)) return [];
    const { sequence, collection, record } = parsed;
    const files = markFiles(root, runId, sequence);
    const parquet = relativeToRoot(root, files.parquet);
    const rejects = relativeToRoot(root, files.rejects);
    return [{ sequence, runId, collection, parquet, rejects, record }];
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

/**
 * Gives a merged file a second name because the first may be replaced. Replaces a link that a kill
 * left before its mark was written.
 */
function linkReplacing(from: string, to: string): void {
  fs.rmSync(to, { force: true });
  linkOrCopy(from, to);
}

function areSameFiles(
  root: string,
  latest: Merge,
  input: { readonly parquet: string; readonly rejects: string },
): boolean {
  const inodeOf = (file: string): number | undefined =>
    fs.statSync(underRoot(root, file), { throwIfNoEntry: false })?.ino;
  return (
    inodeOf(latest.parquet) === inodeOf(input.parquet) &&
    inodeOf(latest.rejects) === inodeOf(input.rejects)
  );
}
