/** How long a child waits between two commits. */
import { nextPause } from '../../src/workflows/commit-pause';

const COMMIT_MS = 15_000;

const limited = (): boolean => true;
const asInFormerHistories = (): boolean => false;

it('pauses for a hundred times what a commit held the lock', () => {
  const committed = { applied: 10_000, lockHeldMs: 300 };
  expect(nextPause(COMMIT_MS, COMMIT_MS, committed, limited)).toBe(30_000);
});

it('commits again within a minute after a commit that held the lock for seconds', () => {
  for (const lockHeldMs of [700, 3_000, 120_000]) {
    const committed = { applied: 10_000, lockHeldMs };
    expect(nextPause(COMMIT_MS, COMMIT_MS, committed, limited)).toBe(60_000);
  }
});

it('the pause between commits does not grow while each commit takes as long as its outcomes arrived', () => {
  let pause = COMMIT_MS;
  for (let commits = 0; commits < 20; commits += 1)
    pause = nextPause(pause, COMMIT_MS, { applied: 1, lockHeldMs: pause / 10 }, limited);
  expect(pause).toBe(60_000);
});

it('the pause between commits is longer when the setting asks for it', () => {
  const committed = { applied: 10_000, lockHeldMs: 3_000 };
  expect(nextPause(300_000, 300_000, committed, limited)).toBe(300_000);
});

it('pauses for up to four minutes while nothing arrives', () => {
  const committed = { applied: 0, lockHeldMs: 0 };
  expect(nextPause(200_000, COMMIT_MS, committed, limited)).toBe(240_000);
});

it('replays the long pauses of histories that were recorded before there was a limit', () => {
  const committed = { applied: 10_000, lockHeldMs: 3_000 };
  expect(nextPause(COMMIT_MS, COMMIT_MS, committed, asInFormerHistories)).toBe(300_000);
});

it('the pause between commits does not ask for the limit where it makes no difference, so that no history gets a marker', () => {
  const refuse = (): boolean => {
    throw new Error('asked');
  };
  expect(nextPause(2_000, COMMIT_MS, { applied: 10, lockHeldMs: 90 }, refuse)).toBe(9_000);
});
