/**
 * Reads ledgers. Only whole lines count: a torn last line is ignored until it is complete, and a
 * line that cannot be parsed is reported but is never fatal.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../contract/outcome';
import { dataRootPaths, relativeToRoot, runPaths } from '../data-root';

/**
 * One whole line of a ledger. `number` counts from 1 at the offset where reading began. `end` is
 * the offset after the line's `\n`.
 */
export interface ReadText {
  readonly text: string;
  readonly number: number;
  readonly end: number;
}

/** The same as an outcome of a download. */
export interface ReadLine extends ReadText {
  /** Null when the line cannot be parsed. */
  readonly line: LedgerLine | null;
}

const NEWLINE = 0x0a;

/**
 * Number of bytes per read. One buffer serves the whole file; separate chunks would accumulate
 * faster than they are garbage-collected.
 */
const CHUNK_BYTES = 1 << 18;

/**
 * The whole lines of a ledger from the offset `from`.
 *
 * @throws errors of the file system.
 */
export async function* readLedger(file: string, from = 0): AsyncGenerator<ReadLine> {
  for await (const read of readLedgerTexts(file, from))
    yield { line: parseLedgerLine(read.text), ...read };
}

/**
 * The same for lines of any kind.
 *
 * @throws errors of the file system.
 */
export async function* readLedgerTexts(file: string, from = 0): AsyncGenerator<ReadText> {
  const handle = await fs.promises.open(file, 'r');
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let keptBytes = 0;
    let end = from;
    let number = 0;
    for (;;) {
      if (keptBytes === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const { bytesRead } = await handle.read(
        buffer,
        keptBytes,
        buffer.length - keptBytes,
        end + keptBytes,
      );
      if (bytesRead === 0) return;
      const filled = buffer.subarray(0, keptBytes + bytesRead);
      let lineStart = 0;
      for (
        let newline = filled.indexOf(NEWLINE);
        newline !== -1;
        newline = filled.indexOf(NEWLINE, lineStart)
      ) {
        const text = filled.toString('utf8', lineStart, newline);
        end += newline + 1 - lineStart;
        number += 1;
        lineStart = newline + 1;
        yield { text, number, end };
      }
      keptBytes = filled.copy(buffer, 0, lineStart);
    }
  } finally {
    await handle.close();
  }
}

/** Parses one line. Returns null if it is not an outcome. */
export function parseLedgerLine(text: string): LedgerLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return isLedgerLine(value) ? value : null;
  } catch {
    return null;
  }
}

function isLedgerLine(value: unknown): value is LedgerLine {
  if (typeof value !== 'object' || value === null) return false;
  const { v, id, urlHash, outcome } = value as Partial<Record<keyof LedgerLine, unknown>>;
  return (
    v === 1 && typeof id === 'string' && typeof urlHash === 'string' && typeof outcome === 'string'
  );
}

/**
 * A ledger on disk. `path` is relative to the data root, `bytes` is its size, and `modifiedAtMs`
 * is in milliseconds since 1970.
 */
export interface LedgerFile {
  readonly runId: string;
  readonly lane: string;
  readonly execution: string;
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

/** The runs whose ledgers are listed: one, or all of them (`runId` null). */
export interface ListedRuns {
  readonly root: string;
  readonly runId: string | null;
}

/** The ledgers of downloads of one run, or of all runs, ordered by path. */
export function listLedgers(runs: ListedRuns): readonly LedgerFile[] {
  return listLedgersBelow(runs, 'ledger');
}

/** Whether any run of the data root has begun a ledger of downloads. */
export function hasLedgers(root: string): boolean {
  const { runs } = dataRootPaths(root);
  return listFolders(runs).some((run) => listFolders(runPaths(root, run).ledger).length > 0);
}

/** The ledgers of features of one run, or of all runs, ordered by path. */
export function listFeatureLedgers(runs: ListedRuns): readonly LedgerFile[] {
  return listLedgersBelow(runs, 'featureLedger');
}

function listLedgersBelow({ root, runId }: ListedRuns, kind: LedgerKind): readonly LedgerFile[] {
  const runs = runId === null ? listFolders(dataRootPaths(root).runs) : [runId];
  return runs.flatMap((run) =>
    listFolders(runPaths(root, run)[kind]).flatMap((lane) => ledgersOfLane(root, run, lane, kind)),
  );
}

type LedgerKind = 'ledger' | 'featureLedger';

/** The key of an image in the result of {@link resolvedInLane}. */
export function resolvedKey(id: string, urlHash: string): string {
  return `${urlHash} ${id}`;
}

/**
 * The ledgers of a lane in one run. Ledgers of dispatches before `sinceDispatch` are skipped
 * because the workflow has already passed their entries.
 */
export interface LaneLedgers {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly sinceDispatch: number;
}

/**
 * The outcomes in these ledgers.
 *
 * @throws errors of the file system.
 */
export function linesOfLane(lane: LaneLedgers): AsyncGenerator<LedgerLine> {
  return linesOfLaneBelow(lane, 'ledger', parseLedgerLine);
}

/**
 * The same for a lane of features.
 *
 * @param parse returns null for a line that is not one of a feature ledger.
 * @throws errors of the file system.
 */
export function linesOfFeatureLane<Line extends { readonly dispatch: number }>(
  lane: LaneLedgers,
  parse: (text: string) => Line | null,
): AsyncGenerator<Line> {
  return linesOfLaneBelow(lane, 'featureLedger', parse);
}

async function* linesOfLaneBelow<Line extends { readonly dispatch: number }>(
  { root, runId, lane, sinceDispatch }: LaneLedgers,
  kind: LedgerKind,
  parse: (text: string) => Line | null,
): AsyncGenerator<Line> {
  for (const ledger of ledgersOfLane(root, runId, lane, kind)) {
    for await (const { text, number } of readLedgerTexts(path.join(root, ledger.path))) {
      const line = parse(text);
      if (line === null) continue;
      if (number === 1 && line.dispatch < sinceDispatch) break;
      yield line;
    }
  }
}

/**
 * The images of a lane that have an outcome in this run. Any outcome resolves an image because all
 * of its attempts are used within one batch.
 */
export async function resolvedInLane(lane: LaneLedgers): Promise<ReadonlySet<string>> {
  const resolved = new Set<string>();
  for await (const { id, urlHash } of linesOfLane(lane)) resolved.add(resolvedKey(id, urlHash));
  return resolved;
}

function ledgersOfLane(
  root: string,
  runId: string,
  lane: string,
  kind: LedgerKind,
): readonly LedgerFile[] {
  const folder = path.join(runPaths(root, runId)[kind], lane);
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  // A run of millions of images has thousands of ledgers, and `status` lists all of them.
  const relativeFolder = relativeToRoot(root, folder);
  return names.sort().map((name) => {
    const { size, mtimeMs } = fs.statSync(`${folder}/${name}`);
    return {
      runId,
      lane,
      execution: name.slice(0, -'.ndjson'.length),
      path: `${relativeFolder}/${name}`,
      bytes: size,
      modifiedAtMs: mtimeMs,
    };
  });
}

function listFolders(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
