/** `prune`: deletes what nothing needs any more, and says what that was. */
import { prune as pruneDataRoot, type PruneReport } from '../../maintenance/prune';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { bytesText } from '../../contract/quantities';
import { printable } from '../terminal';

/** **Errors** NoSnapshot; StepError `input` while a run is under way; disk_*. */
export async function prune(
  { config, terminal }: CommandContext,
  options: { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const { dataRoot, database } = config;
  const dryRun = options.dryRun ?? false;
  const report = await pruneDataRoot({ dataRoot, database, dryRun });
  terminal.data(words(report, dryRun ? 'would be deleted' : 'deleted'));
  return EXIT.fine;
}

function words({ groups, restored }: PruneReport, done: string): string {
  const lines = groups.flatMap(({ what, items }) => [
    `${what} (${items.length}, ${bytesText(sum(items))}):`,
    ...items.map((item) => `  ${printable(item.path)}  ${bytesText(item.bytes)}`),
  ]);
  const all = groups.flatMap(({ items }) => items);
  if (restored.length > 0)
    lines.push(`Kept, for a run has begun to name them: ${printable(restored.join(', '))}`);
  return `${[...lines, `${done}: ${all.length} (${bytesText(sum(all))})`].join('\n')}\n`;
}

function sum(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}
