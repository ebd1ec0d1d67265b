/** The command line that `run` prints for a catalog of another listing. */
import { runCommandLine } from '../../../src/cli/run/run-command-line';

it('the printed command keeps the options that were given', () => {
  const options = {
    catalogs: ['/c.csv'],
    idColumn: ['a', 'b c'],
    many: true,
    header: false,
    keep: 'svg,heic',
    select: 'failed',
    only: '/ids.txt',
  };
  expect(runCommandLine(options, '/data')).toBe(
    "artemis-pipeline run /c.csv --id-column a --id-column 'b c' --select failed --only /ids.txt --keep svg,heic --many --no-header --data /data",
  );
});
