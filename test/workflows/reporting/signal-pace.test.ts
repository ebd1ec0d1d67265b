/** How many rows a run's timeline gets from the progress signals of its child. */
import { signalPaceMs } from '../../../src/workflows/reporting/signal-pace';

/** The number of signals in this many seconds of a child that always has something to report. */
function signalsWithin(seconds: number): number {
  let count = 0;
  for (let at = 0; at < seconds * 1_000; at += signalPaceMs(at)) count += 1;
  return count;
}

it.each([
  [60, 5],
  [300, 13],
  [3_600, 30],
  [86_400, 140],
])('a child that runs for %d seconds sends at most %d progress signals', (seconds, most) => {
  expect(signalsWithin(seconds)).toBeLessThanOrEqual(most);
});

it('the counts of a parent are at most a fifth of its age old, and at most five minutes in its first two hours', () => {
  for (let at = 75_000; at < 7_200_000; at += 1_000)
    expect(signalPaceMs(at)).toBeLessThanOrEqual(Math.min(at / 5, 300_000));
});
