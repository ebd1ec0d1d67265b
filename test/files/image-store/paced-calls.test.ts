/** How the thread that stores images decides whether it makes a call itself. */
import { Pace } from '../../../src/files/image-store/paced-calls';

/** The time in milliseconds, which only the calls of a test advance. */
let nowMs: number;
let pace: Pace;
beforeEach(() => {
  nowMs = 1_000;
  pace = new Pace(() => nowMs);
});

/** Makes calls that take this time if they are made directly, and counts those. */
async function directCalls(count: number, tookMs: number): Promise<number> {
  let direct = 0;
  for (let nth = 0; nth < count; nth += 1)
    await pace.call(
      () => {
        direct += 1;
        nowMs += tookMs;
      },
      () => Promise.resolve(),
    );
  return direct;
}

it('quick calls are made directly, although the scheduler interrupts one in fifty', async () => {
  for (let round = 0; round < 20; round += 1) {
    expect(await directCalls(49, 0.02)).toBe(49);
    expect(await directCalls(1, 10)).toBe(1);
  }
});

it('after a few slow calls the pool makes the next ones', async () => {
  expect(await directCalls(1_000, 20)).toBeLessThan(8);
});

it('calls that are a little too slow go to the pool as well', async () => {
  expect(await directCalls(10_000, 0.2)).toBeLessThan(200);
});

it('one slow call in two seconds is enough to stay with the pool', async () => {
  await directCalls(1_000, 20);
  for (let round = 0; round < 5; round += 1) {
    nowMs += 2_001;
    expect(await directCalls(1_000, 20)).toBe(1);
  }
});

it('calls are direct again when the disk has become quick', async () => {
  await directCalls(1_000, 20);
  nowMs += 2_001;
  expect(await directCalls(1_000, 0.02)).toBe(1_000);
});

it('an error of a direct call is a rejection and counts for the pace', async () => {
  const fail = (): never => {
    nowMs += 20;
    throw new Error('no space');
  };
  let pooled = 0;
  for (let nth = 0; nth < 20; nth += 1) {
    const call = pace.call(fail, () => {
      pooled += 1;
      return Promise.resolve();
    });
    await call.catch((error: unknown) => {
      expect(error).toEqual(new Error('no space'));
    });
  }
  expect(pooled).toBeGreaterThan(10);
});
