/**
 * The versions that programs report. A program is asked once, and again when its file has changed,
 * because the answer takes a tenth of a second of every start.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { fileStamp } from '../../files/file-stamp';

const run = promisify(execFile);

/** The time limit for an answer in milliseconds. */
const ANSWER_MS = 10_000;

/** The file in the cache folder: for each program the stamp of its file, and what it reported. */
const remembered = z.record(z.string(), z.object({ stamp: z.string(), version: z.string() }));
type Remembered = z.infer<typeof remembered>;

/** Questions of this process that wait for an answer, or were answered, by program and stamp. */
const asked = new Map<string, Promise<string | null>>();

/**
 * Returns what a Temporal CLI reports as its version; null when the file is none that works here.
 *
 * @param file path of the program.
 * @param cacheFolder where answers are kept for later processes.
 */
export async function programVersion(file: string, cacheFolder: string): Promise<string | null> {
  const stamp = await fileStamp(file).catch(() => null);
  if (stamp === null) return null;
  const key = JSON.stringify([file, stamp]);
  const asking = asked.get(key) ?? recallOrAsk(file, stamp, cacheFolder);
  asked.set(key, asking);
  const version = await asking;
  if (version === null) asked.delete(key);
  return version;
}

async function recallOrAsk(file: string, stamp: string, cache: string): Promise<string | null> {
  const known = recall(cache)[file];
  if (known?.stamp === stamp) return known.version;
  const version = await askVersion(file);
  if (version !== null) remember(cache, { [file]: { stamp, version } });
  return version;
}

async function askVersion(file: string): Promise<string | null> {
  try {
    const { stdout } = await run(file, ['--version'], { timeout: ANSWER_MS });
    return /temporal/i.test(stdout) ? stdout.trim() : null;
  } catch {
    // It is another program of that name, or one for another kind of machine.
    return null;
  }
}

function recall(cache: string): Remembered {
  try {
    const content: unknown = JSON.parse(fs.readFileSync(memoryFile(cache), 'utf8'));
    return remembered.safeParse(content).data ?? {};
  } catch {
    // There is none yet, or it cannot be read: the program is asked.
    return {};
  }
}

/**
 * A cache folder that cannot be written to costs the next start a tenth of a second, and so does a
 * file that two processes write at once.
 */
function remember(cache: string, found: Remembered): void {
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(memoryFile(cache), JSON.stringify({ ...recall(cache), ...found }));
  } catch {
    // The program is asked again.
  }
}

function memoryFile(cache: string): string {
  return path.join(cache, 'versions.json');
}
