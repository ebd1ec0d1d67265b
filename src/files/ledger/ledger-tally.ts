/** Counts the outcomes in the ledgers of a run, for `status`. */
import fs from 'node:fs';
import { parseLedgerLine, readLedger } from './ledger-reader';

/** Numbers of images by outcome, and the number of bytes stored. */
export interface Tally {
  readonly stored: number;
  readonly notModified: number;
  readonly failed: number;
  readonly bytes: number;
}

/**
 * Up to this number of bytes, images are counted by id. Above it, repeated lines of one image count
 * twice because `status` must answer quickly.
 */
const MAX_EXACT_BYTES = 2_000_000;

/** The part of a ledger file from the offset `from` up to its size, in bytes. */
export interface LedgerTail {
  readonly file: string;
  readonly from: number;
  readonly size: number;
}

/** Counts the outcomes in parts of ledgers. */
export async function tallyLedgers(tails: readonly LedgerTail[]): Promise<Tally> {
  const unread = tails.filter(({ from, size }) => from < size);
  const bytes = unread.reduce((sum, { from, size }) => sum + size - from, 0);
  return bytes <= MAX_EXACT_BYTES ? tallyExactly(unread) : tallyQuickly(unread);
}

/**
 * Precedence of an image's outcomes within one run.
 *
 * @see docs/reference/files.md, "The fold".
 */
const OUTCOME_RANK = { stored: 3, not_modified: 2, lost: 1, failed: 0 } as const;

async function tallyExactly(tails: readonly LedgerTail[]): Promise<Tally> {
  const bestOutcomes = new Map<
    string,
    { readonly outcome: keyof typeof OUTCOME_RANK; readonly bytes: number }
  >();
  for (const { file, from } of tails) {
    for await (const { line } of readLedger(file, from)) {
      if (line === null) continue;
      const previous = bestOutcomes.get(line.id);
      if (previous === undefined || OUTCOME_RANK[line.outcome] >= OUTCOME_RANK[previous.outcome]) {
        bestOutcomes.set(line.id, { outcome: line.outcome, bytes: line.bytes ?? 0 });
      }
    }
  }
  const imagesWith = (outcome: keyof typeof OUTCOME_RANK): { readonly bytes: number }[] =>
    [...bestOutcomes.values()].filter((image) => image.outcome === outcome);
  return {
    stored: imagesWith('stored').length,
    notModified: imagesWith('not_modified').length,
    failed: imagesWith('failed').length,
    bytes: imagesWith('stored').reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/**
 * Counts occurrences of the outcomes in the raw bytes. The number of bytes stored is estimated from
 * a sample of the first ledger.
 */
async function tallyQuickly(tails: readonly LedgerTail[]): Promise<Tally> {
  const counts = { stored: 0, notModified: 0, failed: 0 };
  for (const { file, from } of tails) {
    for await (const chunk of fs.createReadStream(file, { start: from, highWaterMark: 8 << 20 })) {
      counts.stored += countOccurrences(chunk as Buffer, '"outcome":"stored"');
      counts.notModified += countOccurrences(chunk as Buffer, '"outcome":"not_modified"');
      counts.failed += countOccurrences(chunk as Buffer, '"outcome":"failed"');
    }
  }
  return { ...counts, bytes: Math.round(counts.stored * meanStoredBytes(tails[0]?.file)) };
}

function countOccurrences(bytes: Buffer, mark: string): number {
  let occurrences = 0;
  for (
    let offset = bytes.indexOf(mark);
    offset !== -1;
    offset = bytes.indexOf(mark, offset + mark.length)
  )
    occurrences += 1;
  return occurrences;
}

function meanStoredBytes(file: string | undefined): number {
  if (file === undefined) return 0;
  const sample = Buffer.alloc(1 << 20);
  const descriptor = fs.openSync(file, 'r');
  const length = fs.readSync(descriptor, sample);
  fs.closeSync(descriptor);
  const lines = sample.toString('utf8', 0, length).split('\n').map(parseLedgerLine);
  const sizes = lines.flatMap((line) => (line?.outcome === 'stored' ? [line.bytes ?? 0] : []));
  return sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length);
}
