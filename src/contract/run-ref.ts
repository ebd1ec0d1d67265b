/** Which run a payload belongs to. */

/** In every payload after `openRun`: which run, and of which data root (another root's worker refuses: `wrong_root`). */
export interface RunRef {
  readonly warehouseId: string;
  readonly runId: string;
}
