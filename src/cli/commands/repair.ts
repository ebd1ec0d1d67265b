/** `repair`: fetches again what is broken, and nothing else, in a run for each collection. */
import { REPAIR_WORKFLOW_ID } from '../../contract/run-record';
import { loseBrokenFiles, type LostFiles } from '../../maintenance/lost-files';
import { artemisCommand } from '../../contract/commands/printed-command';
import { repairInput } from '../../maintenance/repair-input';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { createHashBar } from '../bars/hash-bar';
import { runAndReport } from '../run/run-and-report';
import { printable } from '../terminal';

/** The number of files that are listed by name. */
const MOST_NAMED = 10;

/**
 * @throws NoSnapshot; UsageError when a repair is running already; the errors of connecting and of
 *   starting.
 */
export async function repair(context: CommandContext): Promise<ExitCode> {
  const { config, terminal } = context;
  const { dataRoot, database } = config;
  const view = createHashBar(terminal);
  const onProgress = view.update;
  const found = await loseBrokenFiles({ dataRoot, database, onProgress }).finally(view.stop);
  for (const line of lossLines(found, dataRoot)) terminal.say(line);
  let worst: ExitCode = EXIT.fine;
  for (const list of found.lists) {
    const input = repairInput(dataRoot, list);
    const code = await runAndReport(context, { workflowId: REPAIR_WORKFLOW_ID, input });
    if (code !== EXIT.fine) worst = code;
    if (code !== EXIT.fine && code !== EXIT.someFailed) break;
  }
  return worst;
}

function lossLines(found: LostFiles, dataRoot: string): readonly string[] {
  const { lost, quarantined, toFetch, notFetchable, unlistable } = found;
  const named = quarantined.slice(0, MOST_NAMED).map((file) => `  ${printable(file)}`);
  if (quarantined.length > MOST_NAMED) named.push(`  … in all ${quarantined.length}`);
  const counted: readonly (readonly [number, string])[] = [
    [lost, `${lost} recorded files are gone or damaged.`],
    [
      quarantined.length,
      [
        `Kept for examination until "${artemisCommand('prune', dataRoot)}" deletes them:`,
        ...named,
      ].join('\n'),
    ],
    [
      notFetchable,
      `${notFetchable} images are no longer in the catalog, or there under another URL: their lost files cannot be fetched again.`,
    ],
    [
      unlistable,
      `${unlistable} images have a line break in their id: the next run fetches them again.`,
    ],
    [toFetch, `${toFetch} images are fetched again.`],
  ];
  const lines = counted.filter(([count]) => count > 0).map(([, words]) => words);
  return lines.length === 0 ? ['Nothing is broken: there is nothing to repair.'] : lines;
}
