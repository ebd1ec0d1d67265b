/** The run to which a payload belongs. */

/**
 * Every payload after `openRun` names its run and the run's data root. A worker of another data
 * root refuses it (`wrong_root`).
 */
export interface RunRef {
  readonly warehouseId: string;
  readonly runId: string;
}
