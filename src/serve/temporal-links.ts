/** How pages refer to Temporal, which they never ask. */
import type { CommandServer } from '../contract/commands/printed-command';

export interface TemporalLinks {
  /** The server that printed commands name; null for the data root's own. */
  readonly configured: CommandServer | null;
  /**
   * The address of a run in the Web UI; null when it is unknown.
   *
   * @param executionId Temporal's run id of the workflow execution.
   */
  linkOf(workflowId: string, executionId: string): string | null;
}
