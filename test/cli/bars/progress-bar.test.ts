/** What `run` prints where there is no terminal. */
import { createProgressView } from '../../../src/cli/bars/progress-bar';
import type { RunEntry } from '../../../src/contract/run-record';
import { entryOf } from './run-entry-fixture';

function linesFor(entry: RunEntry): readonly string[] {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
  };
  const view = createProgressView({ say, data: say, isInteractive: false });
  view.update(entry);
  view.update(entry);
  view.stop();
  return lines;
}

it('the progress bar shows how many rows of the catalog have been read and how quickly, and then that they are merged', () => {
  expect(linesFor(entryOf({ ingest: { rows: 1_200_000, ratePerSecond: 41_000 } }))).toEqual([
    'ingest: 1,200,000 rows read, 41,000/s …',
  ]);
  const catalog = {
    rows: 1_300_000,
    images: 1_299_999,
    noUrl: 0,
    rejected: 1,
    duplicates: 0,
    rejects: [],
  };
  expect(linesFor(entryOf({ catalog }))).toEqual(['ingest: merging 1,299,999 images …']);
  expect(linesFor(entryOf({}))).toEqual(['ingest …']);
});
