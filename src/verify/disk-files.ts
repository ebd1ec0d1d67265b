/**
 * Lists the files under final names in a table. Each file is read and hashed once for all checks.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, relativeToRoot, underRoot } from '../files/data-root';
import type { Database } from '../warehouse/driver/database';
import { createFileHasher, HASH_BATCH, type FileHasher } from './file-hasher';
import { journalKey, openShardJournal, fileStamp, type ShardJournal } from './hash-journal';
import type { Hashed } from './hash-worker';

/** The number of files and bytes that were processed so far. */
export interface FileProgress {
  readonly files: number;
  readonly bytes: number;
}

export interface DiskFilesOptions {
  readonly database: Database;
  readonly dataRoot: string;
  /**
   * True to hash every file. A file that an earlier deep check hashed before it was cut off is not
   * hashed again.
   */
  readonly deep: boolean;
  readonly onProgress: (progress: FileProgress) => void;
}

interface DiskFile {
  readonly path: string;
  readonly isFile: boolean;
  readonly bytes: number;
  readonly stamp: string;
}

/**
 * Fills the table `memory.main.disk_file` with the columns path (relative to the data root),
 * is_file, bytes, sha256 and error (of reading the file). The last two are NULL unless `deep`. One
 * shard is processed at a time, so that memory does not grow with the collection.
 *
 * @throws errors of the file system, except for files that disappear meanwhile.
 */
export async function stageDiskFiles(options: DiskFilesOptions): Promise<void> {
  const { database, dataRoot, deep } = options;
  await database.run(
    'CREATE TABLE memory.main.disk_file (path VARCHAR, is_file BOOLEAN, bytes BIGINT, sha256 VARCHAR, error VARCHAR)',
  );
  const hasher = deep ? createFileHasher() : null;
  const seen = { files: 0, bytes: 0 };
  const onFiles = (files: readonly DiskFile[]): void => {
    seen.files += files.length;
    seen.bytes += files.reduce((sum, { bytes }) => sum + bytes, 0);
    options.onProgress({ ...seen });
  };
  try {
    for (const [shard, names] of listShards(dataRoot)) {
      const files = names.flatMap((name) => filesBelow(dataRoot, name));
      const hashes = await shardHashes({ dataRoot, shard, files, hasher, onFiles });
      await database.append(
        'disk_file',
        files.map((file, place) => [
          file.path,
          file.isFile,
          file.bytes,
          hashes[place]?.sha256 ?? null,
          hashes[place]?.error ?? null,
        ]),
      );
    }
  } finally {
    await hasher?.close();
  }
}

/**
 * Folders of both layouts, `<aa>` and `<aaa>`, that begin with the same two digits belong to one
 * shard.
 */
const FOLDER = /^([0-9a-f]{2})[0-9a-f]?$/;

/**
 * The names directly below the folder of images, by shard: folders of images, and anything else
 * that someone put there.
 */
function listShards(dataRoot: string): ReadonlyMap<string, readonly string[]> {
  const { thumbs } = dataRootPaths(dataRoot);
  const shards = new Map<string, string[]>();
  for (const name of fs.existsSync(thumbs) ? fs.readdirSync(thumbs).sort() : []) {
    const shard = FOLDER.exec(name)?.[1] ?? name;
    shards.set(shard, [...(shards.get(shard) ?? []), name]);
  }
  return shards;
}

function filesBelow(dataRoot: string, name: string): readonly DiskFile[] {
  const folder = path.join(dataRootPaths(dataRoot).thumbs, name);
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [diskFile(dataRoot, folder, stat)];
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return [];
    const file = path.join(entry.parentPath, entry.name);
    const found = fs.lstatSync(file, { throwIfNoEntry: false });
    return found === undefined ? [] : [diskFile(dataRoot, file, found)];
  });
}

function diskFile(dataRoot: string, file: string, stat: fs.Stats): DiskFile {
  return {
    path: relativeToRoot(dataRoot, file),
    isFile: stat.isFile(),
    bytes: stat.size,
    stamp: fileStamp(stat),
  };
}

interface ShardWork {
  readonly dataRoot: string;
  readonly shard: string;
  readonly files: readonly DiskFile[];
  readonly hasher: FileHasher | null;
  readonly onFiles: (files: readonly DiskFile[]) => void;
}

/** The hashes in the order of the files; empty when files are not hashed. */
async function shardHashes(work: ShardWork): Promise<readonly (Hashed | undefined)[]> {
  const { dataRoot, shard, files, hasher, onFiles } = work;
  if (hasher === null) return [];
  const journal = openShardJournal(dataRoot, shard);
  const hashes = files.map((file) => knownHash(journal, file));
  const isLeft = (place: number): boolean =>
    hashes[place] === undefined && files[place]?.isFile === true;
  onFiles(files.filter((_file, place) => !isLeft(place)));
  const batches = splitIntoBatches([...files.keys()].filter(isLeft)).values();
  const hashBatches = async (): Promise<void> => {
    for (const places of batches) {
      const batch = places.flatMap((place) => files[place] ?? []);
      const answers = await hasher.hash(batch.map((file) => underRoot(dataRoot, file.path)));
      for (const [nth, place] of places.entries()) hashes[place] = answers[nth];
      recordHashes(journal, batch, answers);
      onFiles(batch);
    }
  };
  try {
    await Promise.all(Array.from({ length: hasher.atOnce }, hashBatches));
  } finally {
    journal.close();
  }
  return hashes;
}

function knownHash(journal: ShardJournal, file: DiskFile): Hashed | undefined {
  const sha256 = journal.known.get(journalKey(file));
  return sha256 === undefined ? undefined : { sha256, error: null };
}

function recordHashes(
  journal: ShardJournal,
  files: readonly DiskFile[],
  answers: readonly Hashed[],
): void {
  journal.add(
    files.flatMap(({ path: file, stamp }, nth) => {
      const sha256 = answers[nth]?.sha256 ?? null;
      return sha256 === null ? [] : [{ path: file, stamp, sha256 }];
    }),
  );
}

function splitIntoBatches(places: readonly number[]): readonly (readonly number[])[] {
  const count = Math.ceil(places.length / HASH_BATCH);
  return Array.from({ length: count }, (_, nth) =>
    places.slice(nth * HASH_BATCH, (nth + 1) * HASH_BATCH),
  );
}
