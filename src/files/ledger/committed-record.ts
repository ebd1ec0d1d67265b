/**
 * committed.json of a run: how far its ledgers were committed, and what that counts. Written after each commit, for `status`,
 * which counts only what lies beyond; when a kill kept it from being written, the older one is as true: both go together.
 */
import fs from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from '../write-file-atomically';
import { runPaths } from '../data-root';
import type { Tally } from './ledger-tally';

/** **Shape** `ledgers`: bytes by path relative to the data root. */
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

/** Of nothing where there is none, or none that can be read. */
export function readCommitted(root: string, runId: string): CommittedRecord {
  try {
    const text = fs.readFileSync(runPaths(root, runId).committed, 'utf8');
    return committedRecord.parse(JSON.parse(text));
  } catch {
    return { v: 1, ledgers: {}, counts: { stored: 0, notModified: 0, failed: 0, bytes: 0 } };
  }
}
