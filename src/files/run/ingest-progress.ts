/**
 * ingest.json of a run: how far its catalog has been read, for `status`. It exists only while the
 * catalog is read.
 */
import fs from 'node:fs';
import { z } from 'zod';
import type { IngestProgress } from '../../contract/run-record';
import { runPaths } from '../data-root';
import { writeFileAtomically } from '../write-file-atomically';

interface RunFolder {
  readonly root: string;
  readonly runId: string;
}

const ingestProgress = z.object({
  v: z.literal(1),
  rows: z.number(),
  ratePerSecond: z.number(),
});

/** Replaces the record. Only `status` uses it, so errors of the disk are ignored here. */
export function writeIngestProgress({ root, runId }: RunFolder, progress: IngestProgress): void {
  const content = `${JSON.stringify({ v: 1, ...progress })}\n`;
  try {
    writeFileAtomically({ root, path: runPaths(root, runId).ingest, content });
  } catch {
    // The parse itself reports errors of the disk that matter.
  }
}

export function removeIngestProgress({ root, runId }: RunFolder): void {
  fs.rmSync(runPaths(root, runId).ingest, { force: true });
}

/** Returns null when no catalog is being read. */
export function readIngestProgress({ root, runId }: RunFolder): IngestProgress | null {
  try {
    const text = fs.readFileSync(runPaths(root, runId).ingest, 'utf8');
    const { rows, ratePerSecond } = ingestProgress.parse(JSON.parse(text));
    return { rows, ratePerSecond };
  } catch {
    return null;
  }
}
