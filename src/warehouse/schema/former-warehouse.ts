/** The warehouse as it was before a migration: kept as `warehouse.v<version>.duckdb` until the first good commit after it. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from '../../files/data-root';
import { syncDirectory } from '../../files/directories';
import { tryLink } from '../../files/link-or-copy';
import { tempName } from '../../files/temp-names';
import { moveAside } from '../database-file/move-aside';
import type { WarehouseContext } from '../warehouse-context';
import { syncFile } from '../database-file/copy-closed-file';

const NAME = /^warehouse\.v\d+\.duckdb$/;

/** Where the warehouse of schema `version` is kept. */
export function formerWarehouse(dataRoot: string, version: number): string {
  return path.join(dataRootPaths(dataRoot).root, `warehouse.v${version}.duckdb`);
}

/**
 * Gives the warehouse, of schema `version`, its second name: a rename to the first one then leaves the former file under this one,
 * and there is no moment without a warehouse. What had this name before is moved aside.
 *
 * **Errors** those of the disk.
 */
export function keepFormer(dataRoot: string, version: number): void {
  const { root, tmp, warehouse } = dataRootPaths(dataRoot);
  const kept = formerWarehouse(dataRoot, version);
  if (isSameFile(warehouse, kept)) return;
  if (fs.existsSync(kept)) moveAside(kept);
  if (!tryLink(warehouse, kept)) copyThenRename(warehouse, kept, tmp);
  syncDirectory(root);
}

/** So it is when a migration was killed before its rename. */
function isSameFile(one: string, other: string): boolean {
  return fs.existsSync(other) && fs.statSync(one).ino === fs.statSync(other).ino;
}

/** The copy appears whole. */
function copyThenRename(from: string, to: string, tmp: string): void {
  const copy = path.join(tmp, `${tempName('former')}.duckdb`);
  fs.copyFileSync(from, copy);
  syncFile(copy);
  fs.renameSync(copy, to);
}

/** After a good commit: the new warehouse works. A disk that refuses it fails no commit. */
export function removeFormer({ dataRoot, log }: Pick<WarehouseContext, 'dataRoot' | 'log'>): void {
  const { root } = dataRootPaths(dataRoot);
  try {
    for (const name of fs.readdirSync(root)) {
      if (NAME.test(name)) fs.rmSync(path.join(root, name), { force: true });
    }
  } catch (error) {
    log.warn({ err: error }, 'the former warehouse could not be removed');
  }
}
