/** `rebuild`: the warehouse anew, from catalogs, ledgers and files. */
import { rebuildWarehouse, type RebuildReport } from '../../warehouse/rebuild/rebuild-warehouse';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';

/** **Errors** StepError `db_locked` while a warehouse worker lives; `input`, db_*, disk_*. */
export async function rebuild({ config, log, terminal }: CommandContext): Promise<ExitCode> {
  const { dataRoot, database } = config;
  const onStage = (words: string): void => {
    terminal.say(`${words} …`);
  };
  const report = await rebuildWarehouse({ dataRoot, database, log, onStage });
  for (const line of lines(report)) terminal.say(line);
  return EXIT.fine;
}

function lines({ catalogs, outcomes, images, aside, unmerged, guessed }: RebuildReport): string[] {
  const said = [
    `warehouse.duckdb is made anew from ${catalogs} catalogs and ${outcomes} outcomes: ${images} images; its snapshot is published.`,
  ];
  if (aside.length > 0) said.push(`The former one is kept as ${aside.join(' and ')}.`);
  if (unmerged.length > 0)
    said.push(
      `Left out, for they never came into the warehouse: the catalogs that these runs read: ${unmerged.join(', ')}.`,
    );
  if (guessed.length > 0)
    said.push(
      `Not restored, for nothing on disk tells them: times, failures and counts of the steps of ${guessed.join(', ')} (etl_step).`,
    );
  return said;
}
