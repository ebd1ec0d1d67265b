/** Counts the outcomes of a run's ledgers, for `status`. */
import fs from 'node:fs';
import { parseLine, readLedger } from './ledger-reader';

/** **Units** images by kind of outcome; bytes stored. */
export interface Tally {
  readonly stored: number;
  readonly notModified: number;
  readonly failed: number;
  readonly bytes: number;
}

/** Above it ids are not told apart (a repeated line counts twice), because `status` must answer at once. **Units** bytes. */
const EXACT_UP_TO = 2_000_000;

/** What a ledger file holds from an offset on. **Units** bytes, up to `size`. */
export interface LedgerTail {
  readonly file: string;
  readonly from: number;
  readonly size: number;
}

/** The tally of these tails. */
export async function tallyLedgers(tails: readonly LedgerTail[]): Promise<Tally> {
  const news = tails.filter(({ from, size }) => from < size);
  const bytes = news.reduce((sum, { from, size }) => sum + size - from, 0);
  return bytes <= EXACT_UP_TO ? tallyExactly(news) : tallyQuickly(news);
}

/** Per run `stored` beats `not_modified` beats `lost` beats `failed`. @see docs/reference/files.md, "The fold". */
const RANK = { stored: 3, not_modified: 2, lost: 1, failed: 0 } as const;

async function tallyExactly(tails: readonly LedgerTail[]): Promise<Tally> {
  const best = new Map<string, { readonly outcome: keyof typeof RANK; readonly bytes: number }>();
  for (const { file, from } of tails) {
    for await (const { line } of readLedger(file, from)) {
      if (line === null) continue;
      const before = best.get(line.id);
      if (before === undefined || RANK[line.outcome] >= RANK[before.outcome]) {
        best.set(line.id, { outcome: line.outcome, bytes: line.bytes ?? 0 });
      }
    }
  }
  const of = (outcome: keyof typeof RANK): { readonly bytes: number }[] =>
    [...best.values()].filter((one) => one.outcome === outcome);
  return {
    stored: of('stored').length,
    notModified: of('not_modified').length,
    failed: of('failed').length,
    bytes: of('stored').reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Counts marks in the raw bytes; the sum of bytes is taken from a sample of the first ledger. */
async function tallyQuickly(tails: readonly LedgerTail[]): Promise<Tally> {
  const counts = { stored: 0, notModified: 0, failed: 0 };
  for (const { file, from } of tails) {
    for await (const chunk of fs.createReadStream(file, { start: from, highWaterMark: 8 << 20 })) {
      counts.stored += count(chunk as Buffer, '"outcome":"stored"');
      counts.notModified += count(chunk as Buffer, '"outcome":"not_modified"');
      counts.failed += count(chunk as Buffer, '"outcome":"failed"');
    }
  }
  return { ...counts, bytes: Math.round(counts.stored * meanBytes(tails[0]?.file)) };
}

function count(bytes: Buffer, mark: string): number {
  let found = 0;
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + mark.length))
    found += 1;
  return found;
}

function meanBytes(file: string | undefined): number {
  if (file === undefined) return 0;
  const sample = Buffer.alloc(1 << 20);
  const descriptor = fs.openSync(file, 'r');
  const length = fs.readSync(descriptor, sample);
  fs.closeSync(descriptor);
  const lines = sample.toString('utf8', 0, length).split('\n').map(parseLine);
  const sizes = lines.flatMap((line) => (line?.outcome === 'stored' ? [line.bytes ?? 0] : []));
  return sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length);
}
