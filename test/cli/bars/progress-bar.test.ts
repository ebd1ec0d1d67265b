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

const downloading = {
  step: { name: 'download', state: 'running', code: null, detail: null },
  planned: 2_000,
  stored: 500,
  failed: 13,
} as const;

it.each([
  ['neither', { ratePerSecond: 0, secondsLeft: null }, ''],
  ['the rate', { ratePerSecond: 52.84, secondsLeft: null }, ' · 52.8/s'],
  ['the time that is left', { ratePerSecond: 0, secondsLeft: 90 }, ' · 2 min left'],
  ['both', { ratePerSecond: 52.84, secondsLeft: 28 }, ' · 52.8/s · 28 s left'],
])('a line shows %s where that is known', (_known, pace, text) => {
  expect(linesFor(entryOf({ ...downloading, ...pace }))).toEqual([
    `download: 513/2000 done, 13 failed${text}`,
  ]);
});

it('a line shows the rate of the features, and none before it is known', () => {
  const step = { name: 'features', state: 'running', code: null, detail: null } as const;
  const features = { planned: 402, computed: 0, failed: 0, ratePerSecond: 0, secondsLeft: null };
  expect(linesFor(entryOf({ step, features }))).toEqual(['features: 0/402 done, 0 failed']);
  const later = { ...features, computed: 100, ratePerSecond: 12, secondsLeft: 25 };
  expect(linesFor(entryOf({ step, features: later }))).toEqual([
    'features: 100/402 done, 0 failed · 12.0/s · 25 s left',
  ]);
});
