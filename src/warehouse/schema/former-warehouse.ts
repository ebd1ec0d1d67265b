/**
 * Keeps the warehouse as it was before a migration, as `warehouse.v<version>.duckdb`, until the
 * first successful commit after it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from '../../files/data-root';
import { syncDirectory, syncFile } from '../../files/directories';
import { tryLink } from '../../files/link-or-copy';
import { tempName } from '../../files/temp-names';
import { moveAside } from '../database-file/move-aside';
import type { WarehouseContext } from '../warehouse-context';

const FORMER_NAME = /^warehouse\.v\d+\.duckdb$/;

/** Path of the former warehouse with this schema version. */
export function formerWarehouse(dataRoot: string, version: number): string {
  return path.join(dataRootPaths(dataRoot).root, `warehouse.v${version}.duckdb`);
}

/**
 * Gives the warehouse, which has this schema version, a second name. When the new warehouse is
 * renamed to the first name, the former one keeps the second, and a warehouse exists at every
 * moment. An older file with the second name is moved aside.
 *
 * @throws errors of the file system.
 */
export function keepFormer(dataRoot: string, version: number): void {
  const { root, tmp, warehouse } = dataRootPaths(dataRoot);
  const kept = formerWarehouse(dataRoot, version);
  if (isSameFile(warehouse, kept)) return;
  if (fs.existsSync(kept)) moveAside(kept);
  if (!tryLink(warehouse, kept)) copyThenRename(warehouse, kept, tmp);
  syncDirectory(root);
}

/** True when a migration was killed before its rename. */
function isSameFile(one: string, other: string): boolean {
  return fs.existsSync(other) && fs.statSync(one).ino === fs.statSync(other).ino;
}

/** Copies a file so that it appears under its name only when it is complete. */
function copyThenRename(from: string, to: string, tmp: string): void {
  const copy = path.join(tmp, `${tempName('former')}.duckdb`);
  fs.copyFileSync(from, copy);
  syncFile(copy);
  fs.renameSync(copy, to);
}

/**
 * Removes former warehouses. Called after a successful commit, which shows that the new warehouse
 * works. A disk error here does not fail the commit.
 */
export function removeFormer({ dataRoot, log }: Pick<WarehouseContext, 'dataRoot' | 'log'>): void {
  const { root } = dataRootPaths(dataRoot);
  try {
    for (const name of fs.readdirSync(root)) {
      if (FORMER_NAME.test(name)) fs.rmSync(path.join(root, name), { force: true });
    }
  } catch (error) {
    log.warn({ err: error }, 'the former warehouse could not be removed');
  }
}
