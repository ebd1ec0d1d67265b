/**
 * Records the hashes that a deep check has computed, so that an interrupted check continues where
 * it stopped. The files are `verify/<aa>.ndjson`, one append-only file for all folders of images
 * whose names begin with the same two digits. A check that ends removes them. The next check hashes
 * everything again, because it would otherwise miss later damage.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dataRootPaths } from '../files/data-root';
import { ensureDirectory } from '../files/directories';
import { parseJson } from '../files/parse-json';

/**
 * A file as it was when it was hashed. `stamp` changes with its content and when the file is
 * replaced.
 */
export interface HashedFile {
  readonly path: string;
  readonly stamp: string;
  readonly sha256: string;
}

/** The journal of one shard. */
export interface ShardJournal {
  /** The hashes of an earlier check: sha256 by path and stamp. */
  readonly known: ReadonlyMap<string, string>;
  add(files: readonly HashedFile[]): void;
  close(): void;
}

/** The age beyond which a hash no longer describes the disk, in milliseconds. */
const VALID_MS = 86_400_000;

const SHARD = /^[0-9a-f]{2}$/;

const line = z.object({ path: z.string(), stamp: z.string(), sha256: z.string() });

export function fileStamp({ size, mtimeMs, ctimeMs, ino }: fs.Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

/** The key under which {@link ShardJournal.known} has a file. */
export function journalKey({ path: file, stamp }: Omit<HashedFile, 'sha256'>): string {
  return `${stamp} ${file}`;
}

/**
 * Opens the journal of one shard. A data root that cannot be written to is checked without a
 * journal. Never throws.
 */
export function openShardJournal(root: string, shard: string): ShardJournal {
  const file = path.join(dataRootPaths(root).verify, `${shard}.ndjson`);
  if (!SHARD.test(shard)) return NO_JOURNAL;
  try {
    const known = readKnown(file);
    ensureDirectory(path.dirname(file));
    // A line end is written first, because the last line may be torn.
    const descriptor = fs.openSync(file, known.size === 0 ? 'w' : 'a', 0o644);
    if (known.size > 0) fs.writeSync(descriptor, '\n');
    return {
      known,
      add: (files) => {
        fs.writeSync(descriptor, files.map((one) => `${JSON.stringify(one)}\n`).join(''));
      },
      close: () => {
        fs.closeSync(descriptor);
      },
    };
  } catch {
    return NO_JOURNAL;
  }
}

/** Removes the journals. Never throws: hashes that cannot be removed expire after a day. */
export function removeHashJournal(root: string): void {
  try {
    fs.rmSync(dataRootPaths(root).verify, { recursive: true, force: true });
  } catch {
    // A data root that cannot be written to has no journal of this program.
  }
}

const NO_JOURNAL: ShardJournal = {
  known: new Map(),
  add: () => undefined,
  close: () => undefined,
};

function readKnown(file: string): ReadonlyMap<string, string> {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || Math.abs(Date.now() - stat.mtimeMs) > VALID_MS) return new Map();
  const texts = fs.readFileSync(file, 'utf8').split('\n');
  return new Map(
    texts.flatMap((text): [string, string][] => {
      const hashed = parseJson(line, text);
      return hashed === null ? [] : [[journalKey(hashed), hashed.sha256]];
    }),
  );
}
