/** What became of the models and checks that a run built. */

/** A check whose query returned rows. */
export interface FailedCheck {
  readonly name: string;
  /** The number of rows. */
  readonly badRows: number;
}

/** Numbers of files, but for `failedChecks`. */
export interface ModelCounts {
  readonly built: number;
  /** Models that have a mistake, or could not be built in time. */
  readonly failed: number;
  /** Models that need one of those. */
  readonly skipped: number;
  readonly checksPassed: number;
  /** Checks with `-- warn` whose query returned rows. */
  readonly checksWarned: number;
  /** Checks that could not be asked. */
  readonly checksNotAsked: number;
  /** At most {@link MOST_FAILED_CHECKS}, ordered by name; `checksFailed` counts all. */
  readonly failedChecks: readonly FailedCheck[];
  readonly checksFailed: number;
}

/** More are in the table `check_result` only. */
export const MOST_FAILED_CHECKS = 10;
