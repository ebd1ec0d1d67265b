/** `verify`: checks whether disk, ledgers and snapshot agree. */
import { verify as verifyDataRoot } from '../../verify/verify';
import type { Check } from '../../verify/check-result';
import { artemisCommand } from '../../contract/commands/printed-command';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { createHashBar } from '../bars/hash-bar';
import { printable } from '../terminal';

/** What each check verifies, by its id. */
export const QUESTIONS: Readonly<Record<string, string>> = {
  K1: 'each image is in one state, and the counts add up',
  K2: 'every recorded file is there, whole',
  K3: 'every file has a ledger line',
  K4: 'the snapshot is what the ledgers say',
  K5: 'no file is partial',
  K6: 'nothing was left in tmp/',
  K11: 'each stored file is computed, failed or pending in the features',
  K12: 'each embedding is in a segment, and each segment is whole',
};

/** @throws NoSnapshot */
export async function verify(
  { config, terminal }: CommandContext,
  options: { readonly deep?: boolean; readonly json?: boolean },
): Promise<ExitCode> {
  const { dataRoot, database } = config;
  const view = createHashBar(terminal);
  const report = await verifyDataRoot({
    dataRoot,
    database,
    deep: options.deep ?? false,
    onProgress: view.update,
  }).finally(view.stop);
  terminal.data(
    options.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : report.checks.map(checkText).join(''),
  );
  if (!report.ok)
    terminal.say(
      [
        'There are differences: the examples above name the first of them. To fetch broken files again (K2, K3, K5):',
        `  ${artemisCommand('repair', dataRoot)}`,
        'To make a warehouse that is what the ledgers say (K4):',
        `  ${artemisCommand('rebuild', dataRoot)}`,
        'To compute embeddings again whose segments are gone or damaged (K12):',
        `  ${artemisCommand('run --steps embeddings,publish', dataRoot)}`,
      ].join('\n'),
    );
  return report.ok ? EXIT.fine : EXIT.different;
}

function checkText({ id, ok, checked, problems, examples }: Check): string {
  const question = `${ok ? '✓' : '✗'} ${id} ${QUESTIONS[id] ?? ''}`;
  const counts = ok ? `${checked} checked` : `${problems} problems, ${checked} checked`;
  return [
    `${question} (${counts})`,
    ...examples.map((example) => `    ${printable(example)}`),
    '',
  ].join('\n');
}
