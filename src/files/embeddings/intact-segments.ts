/**
 * The mark of the segments whose numbers were all read: `embeddings/<version>/intact.json`. A
 * segment is not read again while it keeps its stamp. The mark saves time and nothing else.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { fileStamp } from '../file-stamp';
import { parseJson } from '../parse-json';
import { writeFileAtomically } from '../write-file-atomically';

/** `segments` has the stamp of each segment by its name. */
const intactMark = z.strictObject({
  v: z.literal(1),
  segments: z.record(z.string(), z.string()),
});

/** The stamps of segments as they are now, by absolute path. One that is gone has none. */
export async function stampSegments(
  segments: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const stamps = new Map<string, string>();
  for (const segment of segments) {
    const stamp = await fileStamp(segment).catch(() => null);
    if (stamp !== null) stamps.set(segment, stamp);
  }
  return stamps;
}

/** @returns the absolute paths of the segments whose mark holds. */
export function intactSegments(folder: string, stamps: ReadonlyMap<string, string>): string[] {
  const marked = readMark(folder);
  return [...stamps]
    .filter(([segment, stamp]) => marked[path.basename(segment)] === stamp)
    .map(([segment]) => segment);
}

/** Replaces the mark. A failure leaves no mark that holds for another file, and costs only time. */
export function markIntact(
  root: string,
  folder: string,
  stamps: ReadonlyMap<string, string>,
): void {
  const entries = [...stamps].map(([segment, stamp]) => [path.basename(segment), stamp] as const);
  const segments = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  if (JSON.stringify(segments) === JSON.stringify(readMark(folder))) return;
  const content = `${JSON.stringify({ v: 1, segments })}\n`;
  try {
    writeFileAtomically({ root, path: markPath(folder), content });
  } catch {
    // The next run reads the segments again.
  }
}

/** Removes the mark, so that the next run of the step reads every segment of the folder. */
export function forgetIntact(folder: string): void {
  try {
    fs.rmSync(markPath(folder), { force: true });
  } catch {
    // The data root cannot be written, so no run can repair the segment either.
  }
}

/** None when the mark is absent, unreadable or of another version. */
function readMark(folder: string): Readonly<Record<string, string>> {
  try {
    return parseJson(intactMark, fs.readFileSync(markPath(folder), 'utf8'))?.segments ?? {};
  } catch {
    return {};
  }
}

function markPath(folder: string): string {
  return path.join(folder, 'intact.json');
}
