/**
 * The first half of `repair`: it records broken files as lost, moves damaged files away from their
 * names, and lists what to fetch again. Every part may run twice, and a repair that was cut off
 * continues where it stopped.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { NO_FILE, type LedgerLine } from '../contract/outcome';
import { NO_OUTCOMES, REPAIR_WORKFLOW_ID } from '../contract/run-record';
import { writeFileAtomically } from '../files/write-file-atomically';
import { dataRootPaths, relativeToRoot, underRoot } from '../files/data-root';
import { openLedger, type LedgerWriter } from '../files/ledger/ledger-writer';
import { onDisk } from '../files/disk-errors';
import { moveToQuarantine } from '../files/move-to-quarantine';
import { listRuns, writeRunFile, writeSummary } from '../files/run/run-records';
import { stageDiskFiles } from '../verify/disk-files';
import { stageWrongFiles } from '../verify/final-files';
import { removeHashJournal } from '../verify/hash-journal';
import {
  brokenFiles,
  countRecorded,
  stageBrokenFiles,
  type BrokenFile,
} from '../verify/stored-files';
import type { VerifyProgress } from '../verify/verify';
import type { Database } from '../warehouse/driver/database';
import { rowsOf } from '../warehouse/driver/database';
import { withCollectionColumns } from '../warehouse/snapshot/collection-columns';
import { withSnapshot, type SnapshotOptions } from '../warehouse/snapshot/snapshot-session';
import { refuseUnderWay } from './refuse-under-way';

const UNDONE = 'Nothing was repaired';

/**
 * What was found and done. Counts are numbers of files, except `toFetch` and `unlistable`, which
 * are numbers of images.
 */
export interface LostFiles {
  readonly lost: number;
  readonly quarantined: readonly string[];
  /**
   * Files that are lost and cannot be fetched again, because the image is no longer in the catalog
   * or has another URL there.
   */
  readonly notFetchable: number;
  /**
   * The number of ids with a line break. No list can contain them, and the next run fetches them.
   */
  readonly unlistable: number;
  readonly toFetch: number;
  /**
   * One for each collection with ids to fetch. When there are only losses to commit, it is one list
   * without ids.
   */
  readonly lists: readonly RepairList[];
}

/** Ids of one collection that a run fetches. */
export interface RepairList {
  /** Null for the unnamed one. */
  readonly collection: string | null;
  /** The file with the ids, relative to the data root. */
  readonly only: string;
}

/**
 * Hashes every file, as `verify --deep` does. A second call finds what the first one left undone.
 *
 * @throws NoSnapshot; StepError `input` while a run is under way, disk_*; DuckDB's own errors.
 */
export async function loseBrokenFiles(
  options: SnapshotOptions & { readonly onProgress: (progress: VerifyProgress) => void },
): Promise<LostFiles> {
  const { dataRoot } = options;
  await refuseUnderWay(dataRoot, UNDONE);
  return withSnapshot(options, async (database) => {
    const recorded = await countRecorded(database);
    await stageDiskFiles({
      database,
      dataRoot,
      deep: true,
      onProgress: (progress) => {
        options.onProgress({ ...progress, recorded });
      },
    });
    await stageBrokenFiles(database);
    await stageWrongFiles(database, dataRoot);
    const broken: BrokenFile[] = [];
    for await (const file of brokenFiles(database)) broken.push(file);
    // Hashing takes long, and a file that was damaged before may have been stored again meanwhile.
    await refuseUnderWay(dataRoot, UNDONE);
    // The line comes first: a file that left its name without a line would be missed without a
    // reason.
    await recordLost(dataRoot, broken);
    const wrong = [
      ...broken.map((file) => file.path),
      ...(await listPaths(database, 'partial_file')),
      ...(await listPaths(database, 'stray_file')),
    ];
    const quarantined = moveAside(dataRoot, new Set(wrong));
    const list = await listToFetch(database, dataRoot, broken);
    removeHashJournal(dataRoot);
    return { lost: broken.length, quarantined, ...list };
  });
}

/**
 * Records the losses in a run of its own, with lines of dispatch 0.
 *
 * @see docs/reference/files.md, "Outcomes": `lost`.
 */
async function recordLost(root: string, broken: readonly BrokenFile[]): Promise<void> {
  if (broken.length === 0) return;
  const runId = randomUUID();
  const startedAt = timeAfterAllRuns(root);
  const run = { runId, workflowId: REPAIR_WORKFLOW_ID, startedAt };
  const newest = listRuns(root)[0]?.run.input ?? { catalog: '' };
  // The losses may be of several collections.
  const { collection: _, ...input } = newest;
  writeRunFile({ root, run: { v: 1, ...run, input: { ...input, steps: [] }, catalog: null } });
  const execution = randomBytes(8).toString('hex');
  const ledger = openLedger({ root, runId, lane: REPAIR_WORKFLOW_ID, execution });
  await appendAll(ledger, broken, execution);
  const counts = { rows: 0, images: 0, stored: 0, failed: 0, pending: 0, noUrl: 0, removed: 0 };
  writeSummary({
    root,
    runId,
    life: runId,
    summary: {
      v: 1,
      ...run,
      state: 'completed',
      // This time is from the same clock as the lines. A run whose lines are later than its end
      // would seem to be under way.
      endedAt: new Date().toISOString(),
      seconds: 0,
      counts: { ...counts, rejected: 0, duplicates: 0 },
      catalog: null,
      run: NO_OUTCOMES,
      codes: {},
    },
  });
}

/**
 * A time after the start of every run that stored the files and before the run that fetches them,
 * all by the same clock. The fold depends on that order.
 */
function timeAfterAllRuns(root: string): string {
  const newest = listRuns(root)[0]?.run.startedAt ?? new Date(0).toISOString();
  return new Date(Date.parse(newest) + 1).toISOString();
}

async function appendAll(
  ledger: LedgerWriter,
  broken: readonly BrokenFile[],
  execution: string,
): Promise<void> {
  try {
    for (const file of broken) ledger.append(lostLine(file, execution));
  } finally {
    await ledger.close();
  }
}

function lostLine(file: BrokenFile, execution: string): LedgerLine {
  return {
    v: 1,
    id: file.id,
    urlHash: file.urlHash,
    outcome: 'lost',
    code: null,
    retryable: true,
    ...NO_FILE,
    status: null,
    etag: null,
    lastModified: null,
    finalHost: null,
    requests: 0,
    detail: `${file.path} ${file.problem}`.slice(0, 500),
    lane: REPAIR_WORKFLOW_ID,
    execution,
    dispatch: 0,
    attempt: 1,
    at: new Date().toISOString(),
  };
}

async function listPaths(database: Database, table: string): Promise<readonly string[]> {
  const rows = await rowsOf(database, `SELECT path FROM memory.main.${table} ORDER BY path`);
  return rows.map((row) => String(row.path));
}

/**
 * Moves files to quarantine. A folder cannot be moved, and a run that finds one reports it.
 *
 * @returns where the files are now.
 */
function moveAside(root: string, paths: ReadonlySet<string>): readonly string[] {
  return [...paths].flatMap((one) => {
    const file = underRoot(root, one);
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory()) return [];
    return [onDisk(`move ${one} to quarantine/`, () => moveToQuarantine(root, file))];
  });
}

/**
 * Lists the broken files, together with those that an earlier repair recorded as lost and that were
 * not fetched since.
 */
async function listToFetch(
  database: Database,
  root: string,
  broken: readonly BrokenFile[],
): Promise<Pick<LostFiles, 'notFetchable' | 'unlistable' | 'toFetch' | 'lists'>> {
  const images = await withCollectionColumns(database, 'image');
  const before = await rowsOf(
    database,
    `SELECT source_image_id AS id, collection FROM ${images} WHERE state = 'pending' AND last_outcome = 'lost'`,
  );
  const fetchable = broken.filter((file) => file.isFetchable);
  const collectionOf = new Map<string, string | null>([
    ...fetchable.map(({ id, collection }) => [id, collection] as const),
    ...before.map(
      ({ id, collection }) => [String(id), collection == null ? null : String(collection)] as const,
    ),
  ]);
  const listed = [...collectionOf].filter(([id]) => !/[\r\n]/.test(id));
  // A run without images commits what was lost. Without it, verify would find the loss again and
  // again.
  const [anyBroken] = broken;
  const collections = new Set(listed.map(([, collection]) => collection));
  if (collections.size === 0 && anyBroken !== undefined) collections.add(anyBroken.collection);
  return {
    notFetchable: broken.length - fetchable.length,
    unlistable: collectionOf.size - listed.length,
    toFetch: listed.length,
    lists: [...collections].map((collection) => {
      const ids = listed.filter(([, of]) => of === collection).map(([id]) => id);
      return { collection, only: writeList(root, ids) };
    }),
  };
}

function writeList(root: string, ids: readonly string[]): string {
  const file = path.join(dataRootPaths(root).repair, `${randomUUID()}.txt`);
  writeFileAtomically({ root, path: file, content: ids.map((id) => `${id}\n`).join('') });
  return relativeToRoot(root, file);
}
