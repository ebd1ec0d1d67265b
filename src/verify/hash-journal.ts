/**
 * What a deep check hashed so far, so that one that was interrupted goes on where it was: `verify/<aa>.ndjson`,
 * one file for all folders of images whose names begin with the same two digits, append-only. A check that ends
 * removes them: the next one hashes everything again, or damage since would go unseen.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dataRootPaths } from '../files/data-root';
import { ensureDirectory } from '../files/directories';

/** A file as it was when it was hashed. `stamp` changes with its content, and when it is replaced. */
export interface HashedFile {
  readonly path: string;
  readonly stamp: string;
  readonly sha256: string;
}

/** The journal of one shard. */
export interface ShardJournal {
  /** What was hashed before: sha256 by path and stamp. */
  readonly known: ReadonlyMap<string, string>;
  add(files: readonly HashedFile[]): void;
  close(): void;
}

/** What was hashed longer ago says nothing of the disk today. **Units** ms. */
const GOOD_FOR_MS = 86_400_000;

const SHARD = /^[0-9a-f]{2}$/;

const line = z.object({ path: z.string(), stamp: z.string(), sha256: z.string() });

export function stampOf({ size, mtimeMs, ctimeMs, ino }: fs.Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

/** The key under which {@link ShardJournal.known} has a file. */
export function journalKey({ path: file, stamp }: Omit<HashedFile, 'sha256'>): string {
  return `${stamp} ${file}`;
}

/** A root that cannot be written to is checked without a journal. **Errors** none. */
export function openShardJournal(root: string, shard: string): ShardJournal {
  const file = path.join(dataRootPaths(root).verify, `${shard}.ndjson`);
  if (!SHARD.test(shard)) return NO_JOURNAL;
  try {
    const known = readKnown(file);
    ensureDirectory(path.dirname(file));
    // After a torn line, an empty one.
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

/** **Errors** none: what cannot be removed is hashed again when it is a day old. */
export function removeHashJournal(root: string): void {
  try {
    fs.rmSync(dataRootPaths(root).verify, { recursive: true, force: true });
  } catch {
    // A root that cannot be written to has no journal of ours.
  }
}

const NO_JOURNAL: ShardJournal = {
  known: new Map(),
  add: () => undefined,
  close: () => undefined,
};

function readKnown(file: string): ReadonlyMap<string, string> {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || Math.abs(Date.now() - stat.mtimeMs) > GOOD_FOR_MS) return new Map();
  const texts = fs.readFileSync(file, 'utf8').split('\n');
  return new Map(
    texts.flatMap((text): [string, string][] => {
      const parsed = line.safeParse(jsonOf(text));
      return parsed.success ? [[journalKey(parsed.data), parsed.data.sha256]] : [];
    }),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
