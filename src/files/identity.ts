/** Identifies a data root, and checks that it can be used. */
import fs from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { StepError } from '../contract/errors';
import { dataRootPaths } from './data-root';
import { ensureDirectory, syncDirectory } from './directories';
import { asDiskError, onDisk } from './disk-errors';
import { linkUnlessTaken } from './link-or-copy';
import { parseJson } from './parse-json';
import { tempName } from './temp-names';

const schema = z.object({ v: z.literal(1), warehouseId: z.string().min(1), createdAt: z.string() });

/** The content of `artemis.json`. */
export type Identity = z.infer<typeof schema>;

/**
 * Reads the identity of a data root, and creates it first when there is none. Processes that create
 * it at the same time all get the same identity.
 *
 * @throws StepError disk_*; `wrong_root` when the file exists and cannot be parsed.
 */
export function openIdentity(root: string): Promise<Identity> {
  const { identity, tmp } = dataRootPaths(root);
  return Promise.resolve().then(() =>
    onDisk(`open the data root ${root}`, () => {
      ensureDirectory(tmp);
      if (!fs.existsSync(identity)) createIdentity(identity, tmp);
      return readIdentity(identity);
    }),
  );
}

function createIdentity(file: string, tmp: string): void {
  const temp = path.join(tmp, tempName('identity'));
  const identity: Identity = {
    v: 1,
    warehouseId: randomUUID(),
    createdAt: new Date().toISOString(),
  };
  fs.writeFileSync(temp, `${JSON.stringify(identity, null, 2)}\n`, { flag: 'wx', flush: true });
  try {
    if (linkUnlessTaken(temp, file)) syncDirectory(path.dirname(file));
  } finally {
    fs.rmSync(temp, { force: true });
  }
}

function readIdentity(file: string): Identity {
  const identity = parseJson(schema, fs.readFileSync(file, 'utf8'));
  if (identity !== null) return identity;
  throw new StepError(
    'wrong_root',
    `${file} is not the identity of a data root ({v, warehouseId, createdAt}). Restore it, or choose another folder with --data.`,
  );
}

/**
 * Creates the folders of a data root and checks that it is writable, lies on one file system, and
 * has at least `minFreeBytes` bytes free.
 *
 * @throws StepError `disk_readonly`, `cross_device`, `disk_full`.
 */
export async function prepareDataRoot(root: string, minFreeBytes: number): Promise<void> {
  const { tmp, thumbs, runs, catalogs } = dataRootPaths(root);
  onDisk(`prepare the data root ${root}`, () => {
    for (const folder of [tmp, thumbs, runs, catalogs]) ensureDirectory(folder);
    fs.accessSync(thumbs, fs.constants.W_OK);
  });
  checkRename(tmp, thumbs);
  await checkFreeSpace(root, minFreeBytes);
}

/**
 * Renames a file to find out, because device numbers are unreliable with bind mounts and network
 * file systems.
 */
function checkRename(tmp: string, thumbs: string): void {
  const name = tempName('probe');
  const probe = path.join(tmp, name);
  const moved = path.join(thumbs, name);
  try {
    fs.writeFileSync(probe, '', { flag: 'wx' });
    fs.renameSync(probe, moved);
  } catch (error) {
    throw asDiskError(error, 'move a file from tmp/ to raw/') ?? error;
  } finally {
    fs.rmSync(probe, { force: true });
    fs.rmSync(moved, { force: true });
  }
}

/**
 * Checks that at least `minFreeBytes` bytes are free.
 *
 * @throws StepError `disk_full`.
 */
export async function checkFreeSpace(root: string, minFreeBytes: number): Promise<void> {
  const { bavail, bsize } = await fs.promises.statfs(root);
  const free = bavail * bsize;
  if (free >= minFreeBytes) return;
  throw new StepError(
    'disk_full',
    `Only ${free} bytes are free below ${root}, less than ARTEMIS_MIN_FREE_BYTES (${minFreeBytes}). Make room, or lower it, then go on.`,
  );
}
