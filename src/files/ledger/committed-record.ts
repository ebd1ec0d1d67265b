/**
 * committed.json of a run: the number of bytes of each ledger that were committed, and the
 * resulting counts.
 *
 * It is written after each commit, so that `status` needs to read only the rest of the ledgers. If
 * a kill prevents a write, the previous record is still correct because its offsets and counts
 * belong together.
 */
import fs from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from '../write-file-atomically';
import { runPaths } from '../data-root';
import type { Tally } from './ledger-tally';

/** `ledgers` maps paths, relative to the data root, to numbers of bytes. */
export interface CommittedRecord {
  readonly v: 1;
  readonly ledgers: Readonly<Record<string, number>>;
  readonly counts: Tally;
}

const committedRecord = z.object({
  v: z.literal(1),
  ledgers: z.record(z.string(), z.number()),
  counts: z.object({
    stored: z.number(),
    notModified: z.number(),
    failed: z.number(),
    bytes: z.number(),
  }),
});

export function writeCommitted(options: {
  readonly root: string;
  readonly runId: string;
  readonly record: CommittedRecord;
}): void {
  const { root, runId, record } = options;
  const content = `${JSON.stringify(record)}\n`;
  writeFileAtomically({ root, path: runPaths(root, runId).committed, content });
}

/**
 * Returns an empty record if the file is missing, or cannot be read or parsed. Its reader,
 * `status`, then counts in whole ledgers what the record has counted, with the same result.
 */
export function readCommitted(root: string, runId: string): CommittedRecord {
  try {
    const text = fs.readFileSync(runPaths(root, runId).committed, 'utf8');
    return committedRecord.parse(JSON.parse(text));
  } catch {
    return { v: 1, ledgers: {}, counts: { stored: 0, notModified: 0, failed: 0, bytes: 0 } };
  }
}
