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
import type { CollectionName } from '../merge/collection-sql';
import { fileSignature } from './file-signature';

/**
 * All texts are signatures. `derived` is that of the files of which the snapshot has tables,
 * `catalogs` has those of parsed catalogs whose content the warehouse was found to have, by
 * collection; the unnamed one is the empty text.
 */
const contentMark = z.strictObject({
  v: z.literal(1),
  warehouse: z.string(),
  snapshot: z.string(),
  derived: z.string(),
  catalogs: z.record(z.string(), z.string()).optional(),
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
export function writeContentMark(dataRoot: string, mark: Omit<ContentMark, 'snapshot'>): void {
  const { contentMark: file, snapshot } = dataRootPaths(dataRoot);
  const content = { v: 1, ...mark, snapshot: fileSignature(snapshot) };
  try {
    writeFileAtomically({ root: dataRoot, path: file, content: `${JSON.stringify(content)}\n` });
  } catch {
    // The next publication prepares all of its tables.
  }
}

/**
 * Adds a parsed catalog to a mark that holds.
 *
 * @param parquet the signature of its file.
 */
export function markCatalog(
  dataRoot: string,
  collection: CollectionName,
  parquet: string | null,
): void {
  const mark = readContentMark(dataRoot);
  if (mark === null || parquet === null) return;
  const catalogs = { ...mark.catalogs, [collection ?? '']: parquet };
  writeContentMark(dataRoot, { ...mark, catalogs });
}

/**
 * Whether a mark that holds names this parsed catalog as the content of the collection.
 *
 * @param parquet the signature of its file.
 */
export function isCatalogMarked(
  dataRoot: string,
  collection: CollectionName,
  parquet: string | null,
): boolean {
  return parquet !== null && readContentMark(dataRoot)?.catalogs?.[collection ?? ''] === parquet;
}

function parseMark(dataRoot: string): ContentMark | null {
  try {
    const text = fs.readFileSync(dataRootPaths(dataRoot).contentMark, 'utf8');
    return contentMark.parse(JSON.parse(text));
  } catch {
    // It is absent, of another version, or unreadable: the next publication prepares all tables.
    return null;
  }
}
