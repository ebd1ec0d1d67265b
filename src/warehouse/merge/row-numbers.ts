/**
 * Tracks whether the rows of `dim_image` have the same numbers in the snapshot as in the warehouse.
 *
 * Finding 10,000 images among 10 M by their ids takes 0.3 s. With row numbers, which are looked up
 * in the snapshot while the warehouse is closed, the lock is held for only 0.06 s of it. The
 * snapshot is a copy of the warehouse, and only a merge moves images. The numbers are therefore
 * valid as long as both files are those that this process wrote last.
 */
import fs from 'node:fs';
import { dataRootPaths } from '../../files/data-root';
import { fileSignature } from '../database-file/file-signature';

/**
 * The row numbers of one data root in one process. Changes by other processes are detected by the
 * signatures of the files.
 */
export interface RowNumbers {
  /** Called when the snapshot was copied from the warehouse with this signature. */
  snapshotPublished(warehouse: string): void;
  /** Whether the numbers are valid: both files are as this process left them. */
  areValid(): boolean;
  /**
   * Called when this process wrote the warehouse without moving images. Must be called after {@link
   * RowNumbers.areValid} returned true, and before another process can open the file.
   */
  warehouseWritten(): void;
}

export function createRowNumbers(dataRoot: string): RowNumbers {
  const { warehouse, snapshot } = dataRootPaths(dataRoot);
  let lastSignatures: {
    readonly warehouse: string | null;
    readonly snapshot: string | null;
  } | null = null;
  return {
    snapshotPublished: (signature) => {
      lastSignatures = { warehouse: signature, snapshot: fileSignature(snapshot) };
    },
    areValid: () =>
      lastSignatures !== null &&
      lastSignatures.snapshot !== null &&
      lastSignatures.warehouse === fileSignature(warehouse) &&
      lastSignatures.snapshot === fileSignature(snapshot) &&
      !fs.existsSync(`${warehouse}.wal`) &&
      !fs.existsSync(`${snapshot}.wal`),
    warehouseWritten: () => {
      if (lastSignatures !== null)
        lastSignatures = { ...lastSignatures, warehouse: fileSignature(warehouse) };
    },
  };
}
