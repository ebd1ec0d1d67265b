/**
 * Whether a row of `dim_image` has the same number in the snapshot as in the warehouse.
 *
 * Finding 10 k images among 10 M by their ids takes 0.3 s. With their row numbers, looked up in the snapshot while the warehouse
 * is closed, the lock is held for 0.06 s of it. The snapshot is a copy, and only a merge moves images: so its numbers hold as
 * long as both files are those that we left.
 */
import fs from 'node:fs';
import { dataRootPaths } from '../../files/data-root';
import { signatureOf } from '../database-file/file-signature';

/** Of one data root, in one process: what another process did to the files is seen by their signatures. */
export interface RowNumbers {
  /** The snapshot has just been copied from the warehouse of this signature. */
  published(warehouse: string): void;
  /** Whether the numbers hold: the warehouse is as we left it. */
  hold(): boolean;
  /** The warehouse was written by us, and no image moved. Only after {@link RowNumbers.hold}, and before anybody else can open it. */
  keep(): void;
}

export function createRowNumbers(dataRoot: string): RowNumbers {
  const { warehouse, snapshot } = dataRootPaths(dataRoot);
  let known: { readonly warehouse: string | null; readonly snapshot: string | null } | null = null;
  return {
    published: (signature) => {
      known = { warehouse: signature, snapshot: signatureOf(snapshot) };
    },
    hold: () =>
      known !== null &&
      known.snapshot !== null &&
      known.warehouse === signatureOf(warehouse) &&
      known.snapshot === signatureOf(snapshot) &&
      !fs.existsSync(`${warehouse}.wal`) &&
      !fs.existsSync(`${snapshot}.wal`),
    keep: () => {
      if (known !== null) known = { ...known, warehouse: signatureOf(warehouse) };
    },
  };
}
