/** `rebuild`: creates the warehouse again from catalogs, ledgers and files. */
import { rebuildWarehouse, type RebuildReport } from '../../warehouse/rebuild/rebuild-warehouse';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';

/** @throws StepError `db_locked` while a warehouse worker is alive; `input`, db_*, disk_*. */
export async function rebuild({ config, log, terminal }: CommandContext): Promise<ExitCode> {
  const { dataRoot, database } = config;
  const onStage = (stage: string): void => {
    terminal.say(`${stage} …`);
  };
  const report = await rebuildWarehouse({ dataRoot, database, log, onStage });
  for (const line of reportLines(report)) terminal.say(line);
  return EXIT.fine;
}

function reportLines({
  catalogs,
  outcomes,
  features,
  images,
  aside,
  unmerged,
  guessed,
}: RebuildReport): string[] {
  const lines = [
    `A new warehouse.duckdb was made from ${catalogs} catalogs and ${outcomes} outcomes: ${images} images; its snapshot is published.`,
  ];
  if (features > 0) lines.push(`It has ${features} lines of features, too.`);
  if (aside.length > 0) lines.push(`The former one is kept as ${aside.join(' and ')}.`);
  if (unmerged.length > 0)
    lines.push(
      `Left out, because they were never merged into the warehouse: the catalogs of these runs: ${unmerged.join(', ')}.`,
    );
  if (guessed.length > 0)
    lines.push(
      `Not restored, because nothing on disk records them: times, failures and counts of the steps of ${guessed.join(', ')} (etl_step).`,
    );
  return lines;
}
