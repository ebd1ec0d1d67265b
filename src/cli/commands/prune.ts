/** `prune`: deletes what is no longer needed, and lists what that was. */
import { prune as pruneDataRoot, type PruneReport } from '../../maintenance/prune';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { bytesText } from '../../contract/quantities';
import { printable } from '../terminal';

/** @throws NoSnapshot; StepError `input` while a run is under way; disk_*. */
export async function prune(
  { config, terminal }: CommandContext,
  options: { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const { dataRoot, database } = config;
  const dryRun = options.dryRun ?? false;
  const report = await pruneDataRoot({ dataRoot, database, dryRun });
  terminal.data(reportText(report, dryRun ? 'would be deleted' : 'deleted'));
  return EXIT.fine;
}

function reportText({ groups, restored }: PruneReport, done: string): string {
  const lines = groups.flatMap(({ what, items }) => [
    `${what} (${items.length}, ${bytesText(byteSum(items))}):`,
    ...items.map((item) => `  ${printable(item.path)}  ${bytesText(item.bytes)}`),
  ]);
  const all = groups.flatMap(({ items }) => items);
  if (restored.length > 0)
    lines.push(`Kept, because a run has begun to name them: ${printable(restored.join(', '))}`);
  return `${[...lines, `${done}: ${all.length} (${bytesText(byteSum(all))})`].join('\n')}\n`;
}

function byteSum(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}
