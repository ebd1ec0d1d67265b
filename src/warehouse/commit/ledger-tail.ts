/** What a ledger holds beyond the bytes that the warehouse has applied. */
import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { StepError } from '../../contract/errors';
import type { LedgerLine } from '../../contract/outcome';
import { onDiskAsync } from '../../files/disk-errors';
import { parseLedgerLine } from '../../files/ledger/ledger-reader';

/** What `etl_commit` says of a ledger. **Units** bytes from its start; sha256 of them. */
export interface Applied {
  readonly byteCount: number;
  readonly digest: string;
  readonly rowCount: number;
}

export const NOTHING_APPLIED: Applied = {
  byteCount: 0,
  digest: createHash('sha256').digest('hex'),
  rowCount: 0,
};

/** Lines that follow one another, and what is applied once they are. `number` from 1 in the file. */
export interface TailPart {
  readonly lines: readonly { readonly line: LedgerLine; readonly number: number }[];
  readonly unparsable: readonly number[];
  readonly applied: Applied;
}

const NEWLINE = 0x0a;

/**
 * The whole lines beyond what was applied, in parts of at most `partLines`.
 *
 * **Errors** StepError `ledger_changed` when the file is shorter than, or differs from, what was applied; disk_*.
 */
export async function* readTail(options: {
  readonly file: string;
  readonly ledger: string;
  readonly applied: Applied;
  readonly partLines: number;
}): AsyncGenerator<TailPart> {
  const { file, ledger, applied, partLines } = options;
  const handle = await fs.promises.open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size < applied.byteCount) throw changed(ledger, size, applied);
    const { hash, lines } = await readApplied(handle, applied.byteCount);
    if (hash.copy().digest('hex') !== applied.digest) throw changed(ledger, size, applied);
    const bytes = Buffer.allocUnsafe(size - applied.byteCount);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, applied.byteCount);
    // A writer syncs each second only: what the warehouse has applied must not be lost with the power while the warehouse keeps it.
    if (bytesRead > 0) await onDiskAsync(`sync ${ledger}`, () => handle.datasync());
    yield* partsOf(bytes.subarray(0, bytesRead), { hash, lines, applied, partLines });
  } finally {
    await handle.close();
  }
}

/** **Units** bytes. */
const CHUNK = 1 << 20;

async function readApplied(
  handle: fs.promises.FileHandle,
  byteCount: number,
): Promise<{ readonly hash: Hash; readonly lines: number }> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, byteCount));
  let lines = 0;
  for (let at = 0; at < byteCount;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK, byteCount - at), at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    lines += countLines(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return { hash, lines };
}

function* partsOf(
  bytes: Buffer,
  options: {
    readonly hash: Hash;
    readonly lines: number;
    readonly applied: Applied;
    readonly partLines: number;
  },
): Generator<TailPart> {
  const { hash, applied, partLines } = options;
  let at = 0;
  let number = options.lines;
  let { rowCount } = applied;
  for (;;) {
    const part = takeLines(bytes, at, number, partLines);
    if (part.end === at) return;
    hash.update(bytes.subarray(at, part.end));
    at = part.end;
    number += part.lines.length + part.unparsable.length;
    rowCount += part.lines.length;
    const byteCount = applied.byteCount + at;
    yield { ...part, applied: { byteCount, digest: hash.copy().digest('hex'), rowCount } };
  }
}

function takeLines(
  bytes: Buffer,
  from: number,
  before: number,
  most: number,
): Omit<TailPart, 'applied'> & { readonly end: number } {
  const lines: { line: LedgerLine; number: number }[] = [];
  const unparsable: number[] = [];
  let end = from;
  for (let number = before + 1; number <= before + most; number += 1) {
    const newline = bytes.indexOf(NEWLINE, end);
    if (newline === -1) break;
    const line = parseLedgerLine(bytes.toString('utf8', end, newline));
    if (line === null) unparsable.push(number);
    else lines.push({ line, number });
    end = newline + 1;
  }
  return { lines, unparsable, end };
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

function changed(ledger: string, size: number, applied: Applied): StepError {
  const seen =
    size < applied.byteCount ? `it has ${size} bytes now` : 'those bytes are different now';
  return new StepError(
    'ledger_changed',
    `The ledger ${ledger} was applied up to byte ${applied.byteCount}, but ${seen}. Ledgers only grow: restore the file from a backup, or remove its row from etl_commit if you know what happened, then retry the step.`,
  );
}
