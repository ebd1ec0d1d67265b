/** Reads the part of a ledger that the warehouse has not applied. */
import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { onDiskAsync } from '../../files/disk-errors';
import { rebuildAdvice } from '../driver/duckdb-errors';

/**
 * The applied part of a ledger, as recorded in `etl_commit`: its number of bytes from the start of
 * the file, their SHA-256, and the number of rows.
 */
export interface AppliedPrefix {
  readonly byteCount: number;
  readonly digest: string;
  readonly rowCount: number;
}

export const NOTHING_APPLIED: AppliedPrefix = {
  byteCount: 0,
  digest: createHash('sha256').digest('hex'),
  rowCount: 0,
};

/**
 * Consecutive lines, and what is applied once they are committed. `number` is the number of a line
 * in the file, from 1.
 */
export interface TailPart<Line> {
  readonly lines: readonly { readonly line: Line; readonly number: number }[];
  readonly unparsable: readonly number[];
  readonly applied: AppliedPrefix;
}

const NEWLINE = 0x0a;

/** Parses a line; null when it is not of this kind. */
export type ParseLine<Line> = (text: string) => Line | null;

/**
 * Reads the whole lines beyond the applied part, in parts of at most `partLines` lines.
 *
 * @throws StepError `ledger_changed` when the file is shorter than the applied part or differs from
 *   it; disk_*.
 */
export async function* readTail<Line>(options: {
  readonly dataRoot: string;
  /** The path of the file below the data root. */
  readonly ledger: string;
  readonly applied: AppliedPrefix;
  readonly partLines: number;
  readonly parse: ParseLine<Line>;
}): AsyncGenerator<TailPart<Line>> {
  const { dataRoot, ledger, applied, partLines, parse } = options;
  const handle = await fs.promises.open(path.join(dataRoot, ledger), 'r');
  try {
    const { size } = await handle.stat();
    if (size < applied.byteCount) throw ledgerChangedError(options, `it has ${size} bytes now`);
    const { hash, lines } = await hashAppliedPrefix(handle, applied.byteCount);
    if (hash.copy().digest('hex') !== applied.digest)
      throw ledgerChangedError(options, 'those bytes are different now');
    const bytes = Buffer.allocUnsafe(size - applied.byteCount);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, applied.byteCount);
    // Download workers sync their ledgers only once a second. What the warehouse applies must not
    // disappear from the ledger in a power failure.
    if (bytesRead > 0) await onDiskAsync(`sync ${ledger}`, () => handle.datasync());
    yield* splitIntoParts(bytes.subarray(0, bytesRead), { hash, lines, applied, partLines, parse });
  } finally {
    await handle.close();
  }
}

/** Number of bytes per read. */
const CHUNK_BYTES = 1 << 20;

async function hashAppliedPrefix(
  handle: fs.promises.FileHandle,
  byteCount: number,
): Promise<{ readonly hash: Hash; readonly lines: number }> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, byteCount));
  let lines = 0;
  for (let offset = 0; offset < byteCount;) {
    const { bytesRead } = await handle.read(
      buffer,
      0,
      Math.min(CHUNK_BYTES, byteCount - offset),
      offset,
    );
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    lines += countLines(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
  return { hash, lines };
}

function* splitIntoParts<Line>(
  bytes: Buffer,
  options: {
    readonly hash: Hash;
    readonly lines: number;
    readonly applied: AppliedPrefix;
    readonly partLines: number;
    readonly parse: ParseLine<Line>;
  },
): Generator<TailPart<Line>> {
  const { hash, applied, partLines, parse } = options;
  let offset = 0;
  let number = options.lines;
  let { rowCount } = applied;
  for (;;) {
    const part = takeLines(bytes, parse, {
      from: offset,
      linesBefore: number,
      maxLines: partLines,
    });
    if (part.end === offset) return;
    hash.update(bytes.subarray(offset, part.end));
    offset = part.end;
    number += part.lines.length + part.unparsable.length;
    rowCount += part.lines.length;
    const byteCount = applied.byteCount + offset;
    yield { ...part, applied: { byteCount, digest: hash.copy().digest('hex'), rowCount } };
  }
}

function takeLines<Line>(
  bytes: Buffer,
  parse: ParseLine<Line>,
  { from, linesBefore, maxLines }: Readonly<Record<'from' | 'linesBefore' | 'maxLines', number>>,
): Omit<TailPart<Line>, 'applied'> & { readonly end: number } {
  const lines: { line: Line; number: number }[] = [];
  const unparsable: number[] = [];
  let end = from;
  for (let number = linesBefore + 1; number <= linesBefore + maxLines; number += 1) {
    const newline = bytes.indexOf(NEWLINE, end);
    if (newline === -1) break;
    const line = parse(bytes.toString('utf8', end, newline));
    if (line === null) unparsable.push(number);
    else lines.push({ line, number });
    end = newline + 1;
  }
  return { lines, unparsable, end };
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (
    let offset = bytes.indexOf(NEWLINE);
    offset !== -1;
    offset = bytes.indexOf(NEWLINE, offset + 1)
  )
    count += 1;
  return count;
}

/**
 * A rebuild takes ledgers as they are. What a ledger has lost is unknown then, so the next run does
 * it again.
 */
function ledgerChangedError(
  { dataRoot, ledger, applied }: Parameters<typeof readTail>[0],
  problem: string,
): StepError {
  return new StepError(
    'ledger_changed',
    `The ledger ${ledger} was applied up to byte ${applied.byteCount}, but ${problem}. Ledgers only grow. Restore the file from a backup, then retry the step. Without a backup: ${rebuildAdvice(dataRoot)}. The next run does again what the ledger has lost.`,
  );
}
