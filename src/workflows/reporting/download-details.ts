/** The current details of a download child in the Web UI, as Markdown. A pure function. */
import type { DownloadProgress } from '../../contract/download-workflow';
import { command, inline, moment, page } from '../../contract/markdown';
import type { Obstacle } from '../../contract/obstacle';
import { temporalCommand, type CommandServer } from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import {
  commitSection,
  countsSection,
  obstacleSection,
  refusedSection,
  slowedSection,
  waitsSection,
} from './details-sections';

/**
 * `workflowId` is the run's, `now` is ISO 8601 UTC, and `batches` is the number of running batches.
 */
export interface DownloadFacts {
  readonly workflowId: string;
  readonly server: CommandServer | null;
  readonly now: string;
  readonly progress: DownloadProgress;
  readonly obstacles: readonly Obstacle[];
  readonly batches: number;
}

/** The text for a run that an operator has paused. */
const PAUSED = 'no new image starts until an operator resumes the run';

export function downloadDetails({
  workflowId,
  server,
  now,
  progress,
  obstacles,
  batches,
}: DownloadFacts): string {
  const { state, words } = progress;
  const metadataCommand = command(
    temporalCommand(`workflow metadata --workflow-id ${shellWord(workflowId)}`, server),
  );
  return page([
    `**${state}** · ${inline(state === 'paused' ? PAUSED : words)}. (As of ${moment(now)}.)`,
    ...obstacles.map((obstacle) => obstacleSection(obstacle, state)),
    countsSection(progress),
    batches === 0 ? null : `Batches in flight: ${batches}.`,
    refusedSection(progress),
    waitsSection(progress),
    slowedSection(progress),
    commitSection(progress),
    `These are the downloads of the run ${inline(workflowId)}. Its page says what you can do with it:\n\n${metadataCommand}`,
  ]);
}
