/**
 * The mark that the snapshot still has the content of the warehouse: its images, outcomes,
 * features and catalog rows. The tables about runs may differ.
 *
 * The mark names both files by their signatures, so it is void as soon as another program, a
 * restored backup, or a write that changes the content has touched one of them. It outlives the
 * process, because most runs have a warehouse worker of their own.
 */
import fs from 'node:fs';
import { z } from 'zod';
import { dataRootPaths } from '../../files/data-root';
import { writeFileAtomically } from '../../files/write-file-atomically';
import { fileSignature } from './file-signature';

/** All three are signatures. `derived` is that of the files of which the snapshot has tables. */
const contentMark = z.strictObject({
  v: z.literal(1),
  warehouse: z.string(),
  snapshot: z.string(),
  derived: z.string(),
});
export type ContentMark = Omit<z.infer<typeof contentMark>, 'v'>;

/** Reads the mark; null when there is none that holds for the files as they are now. */
export function readContentMark(dataRoot: string): ContentMark | null {
  const { warehouse, snapshot } = dataRootPaths(dataRoot);
  const mark = parseMark(dataRoot);
  const holds =
    mark !== null &&
    mark.warehouse === fileSignature(warehouse) &&
    mark.snapshot === fileSignature(snapshot) &&
    !fs.existsSync(`${warehouse}.wal`) &&
    !fs.existsSync(`${snapshot}.wal`);
  return holds ? mark : null;
}

/**
 * Marks the current snapshot as having the content of the warehouse with this signature. A failure
 * leaves no mark that holds, and costs only time.
 */
export function writeContentMark(
  dataRoot: string,
  mark: Pick<ContentMark, 'warehouse' | 'derived'>,
): void {
  const { contentMark: file, snapshot } = dataRootPaths(dataRoot);
  const content = { v: 1, ...mark, snapshot: fileSignature(snapshot) };
  try {
    writeFileAtomically({ root: dataRoot, path: file, content: `${JSON.stringify(content)}\n` });
  } catch {
    // The next publication prepares all of its tables.
  }
}

function parseMark(dataRoot: string): ContentMark | null {
  try {
    const text = fs.readFileSync(dataRootPaths(dataRoot).contentMark, 'utf8');
    return contentMark.parse(JSON.parse(text));
  } catch {
    // It is not there, or of another version.
    return null;
  }
}
