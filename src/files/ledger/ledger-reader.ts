/** Reads ledgers: whole lines only; a torn tail is not there yet, an unparsable line is reported and never fatal. */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../contract/outcome';
import { dataRootPaths, relativeToRoot, runPaths } from '../data-root';

/** One whole line of a ledger. **Units** `number` from 1 counted from where reading began; `end` the offset after its `\n`. */
export interface ReadLine {
  /** null: unparsable. */
  readonly line: LedgerLine | null;
  readonly text: string;
  readonly number: number;
  readonly end: number;
}

const NEWLINE = 0x0a;

/** **Units** bytes read at once: one buffer for the whole file, or chunks pile up faster than they are collected. */
const CHUNK = 1 << 18;

/** The whole lines of a ledger from byte `from`. **Errors** those of the file system. */
export async function* readLedger(file: string, from = 0): AsyncGenerator<ReadLine> {
  const handle = await fs.promises.open(file, 'r');
  try {
    let buffer = Buffer.allocUnsafe(CHUNK);
    let kept = 0;
    let end = from;
    let number = 0;
    for (;;) {
      if (kept === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const { bytesRead } = await handle.read(buffer, kept, buffer.length - kept, end + kept);
      if (bytesRead === 0) return;
      const filled = buffer.subarray(0, kept + bytesRead);
      let at = 0;
      for (let to = filled.indexOf(NEWLINE); to !== -1; to = filled.indexOf(NEWLINE, at)) {
        const text = filled.toString('utf8', at, to);
        end += to + 1 - at;
        number += 1;
        at = to + 1;
        yield { line: parseLine(text), text, number, end };
      }
      kept = filled.copy(buffer, 0, at);
    }
  } finally {
    await handle.close();
  }
}

/** The line, or null when it is no outcome. */
export function parseLine(text: string): LedgerLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : null;
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is LedgerLine {
  if (typeof value !== 'object' || value === null) return false;
  const { v, id, urlHash, outcome } = value as Partial<Record<keyof LedgerLine, unknown>>;
  return (
    v === 1 && typeof id === 'string' && typeof urlHash === 'string' && typeof outcome === 'string'
  );
}

/** A ledger on disk. **Units** bytes; `path` relative to the data root. */
export interface LedgerFile {
  readonly runId: string;
  readonly lane: string;
  readonly execution: string;
  readonly path: string;
  readonly bytes: number;
}

/** The ledgers of one run, or of all (`runId` null), in the order of their paths. */
export function listLedgers(options: {
  readonly root: string;
  readonly runId: string | null;
}): readonly LedgerFile[] {
  const { root, runId } = options;
  const runs = runId === null ? foldersIn(dataRootPaths(root).runs) : [runId];
  return runs.flatMap((run) =>
    foldersIn(runPaths(root, run).ledger).flatMap((lane) => ledgersOfLane(root, run, lane)),
  );
}

/** The key under which {@link settledInLane} knows an image. */
export function settledKey(id: string, urlHash: string): string {
  return `${urlHash} ${id}`;
}

/** A lane's ledgers of one run; those of dispatches before `sinceDispatch` are skipped: the workflow's place is beyond them. */
export interface LaneLedgers {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly sinceDispatch: number;
}

/** Their outcomes. **Errors** those of the file system. */
export async function* linesOfLane(lane: LaneLedgers): AsyncGenerator<LedgerLine> {
  for (const ledger of ledgersOfLane(lane.root, lane.runId, lane.lane)) {
    for await (const { line, number } of readLedger(path.join(lane.root, ledger.path))) {
      if (line === null) continue;
      if (number === 1 && line.dispatch < lane.sinceDispatch) break;
      yield line;
    }
  }
}

/** What the ledgers of a lane settle in this run: any outcome does, for attempts are used up within a batch. */
export async function settledInLane(lane: LaneLedgers): Promise<ReadonlySet<string>> {
  const settled = new Set<string>();
  for await (const { id, urlHash } of linesOfLane(lane)) settled.add(settledKey(id, urlHash));
  return settled;
}

function ledgersOfLane(root: string, runId: string, lane: string): readonly LedgerFile[] {
  const folder = path.join(runPaths(root, runId).ledger, lane);
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  return names.sort().map((name) => {
    const file = path.join(folder, name);
    const execution = name.slice(0, -'.ndjson'.length);
    return {
      runId,
      lane,
      execution,
      path: relativeToRoot(root, file),
      bytes: fs.statSync(file).size,
    };
  });
}

function foldersIn(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
