/** How many rows a run's timeline gets from its child's counts. */
import { signalPaceMs } from '../../../src/workflows/reporting/signal-pace';

/** The child has something to tell all the time. **Units** seconds. */
function newsWithin(seconds: number): number {
  let count = 0;
  for (let at = 0; at < seconds * 1_000; at += signalPaceMs(at)) count += 1;
  return count;
}

it.each([
  [60, 5],
  [300, 13],
  [3_600, 30],
  [86_400, 140],
])('in %d seconds at most %d news', (seconds, most) => {
  expect(newsWithin(seconds)).toBeLessThanOrEqual(most);
});

it('counts are never older than a fifth of the run, nor, in its first two hours, than five minutes', () => {
  for (let at = 75_000; at < 7_200_000; at += 1_000)
    expect(signalPaceMs(at)).toBeLessThanOrEqual(Math.min(at / 5, 300_000));
});
