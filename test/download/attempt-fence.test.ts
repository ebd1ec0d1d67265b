/** An attempt stops before the server can start its successor, and only then. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  BATCH_HEARTBEAT_TIMEOUT_MS,
  HEARTBEAT_THROTTLE_MS,
  OWNERSHIP_QUESTION_LIMIT_MS,
  SERVER_SILENCE_LIMIT_MS,
  SILENCE_CHECK_EVERY_MS,
  attemptTiming,
} from '../../src/contract/batch-timing';
import {
  AttemptFenced,
  createAttemptFence,
  monotonicMs,
  withAttemptFence,
  type AttemptFence,
  type OwnershipAnswer,
  type OwnershipOptions,
} from '../../src/download/attempt-fence';
import { runIsolatedBatch } from '../../src/download/isolation/isolated-batch';
import { picture } from '../helpers/images/images';
import { reply, type LyingServer } from '../helpers/hosts/lying-server';
import { type BatchFixture, entryOf, forEachTest } from './batch-fixture';

/**
 * A request that was admitted just before the fence closed may wait this long for a busy event
 * loop. In milliseconds.
 */
const MARGIN_MS = 1_000;

/** Short, so that a test of silence takes a second. In milliseconds. */
const QUICK = { questionEveryMs: 50, retryMs: 20, silenceLimitMs: 400 };

const never = new AbortController().signal;

/** A server that answers until it is told to stop. */
class Server {
  asked = 0;
  answer: OwnershipAnswer | 'silence' = 'ours';

  readonly ask = async (): Promise<OwnershipAnswer> => {
    this.asked += 1;
    await delay(5);
    if (this.answer === 'silence') throw new Error('no answer');
    return this.answer;
  };

  options(more: Partial<OwnershipOptions> = {}): OwnershipOptions {
    return { ask: this.ask, isAlive: () => true, signal: never, ...QUICK, ...more };
  }
}

/** Works until its signal is aborted, and then asks the fence. */
async function workToTheEnd(fence: AttemptFence, signal: AbortSignal): Promise<void> {
  fence.assertOpen();
  while (!signal.aborted) await delay(5);
  fence.assertOpen();
}

describe('the times of a batch', () => {
  it('let a worker stop before its successor starts, measured from its last answered question', () => {
    expect(SERVER_SILENCE_LIMIT_MS).toBe(9_000);
    expect(BATCH_HEARTBEAT_TIMEOUT_MS).toBe(15_000);
    const stopsAt = SERVER_SILENCE_LIMIT_MS + SILENCE_CHECK_EVERY_MS + MARGIN_MS;
    expect(stopsAt).toBeLessThan(BATCH_HEARTBEAT_TIMEOUT_MS);
  });

  it.each([3_000, 7_000, 15_000, 60_000, 0])(
    'keep that order, and leave time for several questions, with a heartbeat timeout of %i ms',
    (heartbeatTimeoutMs) => {
      const { silenceLimitMs, questionEveryMs } = attemptTiming(heartbeatTimeoutMs);
      const successorAt = heartbeatTimeoutMs === 0 ? Infinity : heartbeatTimeoutMs;
      expect(silenceLimitMs + SILENCE_CHECK_EVERY_MS).toBeLessThan(successorAt);
      expect(silenceLimitMs / questionEveryMs).toBeGreaterThan(3);
    },
  );

  it('tolerate an interruption of four seconds, whenever it begins and whether or not its last question is answered', () => {
    const { questionEveryMs, retryMs } = attemptTiming(BATCH_HEARTBEAT_TIMEOUT_MS);
    // The time since the last answered question, a question that gets no answer just before the
    // end, and the next one.
    const silence = questionEveryMs + 4_000 + OWNERSHIP_QUESTION_LIMIT_MS + retryMs;
    expect(silence).toBeLessThan(SERVER_SILENCE_LIMIT_MS);
    expect(HEARTBEAT_THROTTLE_MS).toBeLessThan(SERVER_SILENCE_LIMIT_MS);
  });
});

describe('a fence', () => {
  it('closes when its time is over, ends the work, and stays closed', async () => {
    const fence = createAttemptFence(monotonicMs() + 200);
    fence.assertOpen();
    while (!fence.signal.aborted) await delay(20);
    expect(fence.openUntilMs()).toBe(0);
    fence.extend(monotonicMs() + 60_000);
    expect(() => {
      fence.assertOpen();
    }).toThrow(AttemptFenced);
    expect(fence.signal.reason).toMatchObject({ code: 'server_silent' });
    fence.dispose();
  });

  it('refuses a request when its time is over, even before its timer has fired', () => {
    const fence = createAttemptFence(monotonicMs() - 1);
    expect(() => {
      fence.assertOpen();
    }).toThrow(AttemptFenced);
    fence.dispose();
  });
});

describe('an attempt', () => {
  it('continues while the server answers, and during a silence shorter than the limit', async () => {
    const server = new Server();
    const result = withAttemptFence(server.options(), async (fence, signal) => {
      await delay(600);
      server.answer = 'silence';
      await delay(150);
      server.answer = 'ours';
      await delay(600);
      fence.assertOpen();
      return signal.aborted;
    });
    await expect(result).resolves.toBe(false);
  });

  it('ends when the server has been silent for longer than the limit', async () => {
    const server = new Server();
    const startedAt = performance.now();
    let endedAfterMs = 0;
    const result = withAttemptFence(server.options(), async (fence, signal) => {
      server.answer = 'silence';
      await workToTheEnd(fence, signal).finally(
        () => (endedAfterMs = performance.now() - startedAt),
      );
    });
    await expect(result).rejects.toMatchObject({ code: 'server_silent' });
    expect(endedAfterMs).toBeGreaterThanOrEqual(QUICK.silenceLimitMs);
  });

  it('ends at once when the server answers that the attempt is not the current one', async () => {
    const server = new Server();
    const result = withAttemptFence(
      server.options({ silenceLimitMs: 60_000 }),
      async (fence, signal) => {
        server.answer = 'superseded';
        await workToTheEnd(fence, signal);
      },
    );
    await expect(result).rejects.toMatchObject({ code: 'attempt_superseded' });
  });

  it.each([
    ['superseded', 'attempt_superseded'],
    ['silence', 'server_silent'],
  ] as const)('does not begin when its first answer is %s', async (answer, code) => {
    const server = new Server();
    server.answer = answer;
    let hasBegun = false;
    const result = withAttemptFence(server.options(), () => {
      hasBegun = true;
      return Promise.resolve();
    });
    await expect(result).rejects.toMatchObject({ code });
    expect(hasBegun).toBe(false);
  });

  it('is not kept alive when it makes no progress', async () => {
    const server = new Server();
    let isAlive = true;
    const result = withAttemptFence(
      server.options({ isAlive: () => isAlive }),
      async (fence, signal) => {
        isAlive = false;
        await workToTheEnd(fence, signal);
      },
    );
    await expect(result).rejects.toMatchObject({ code: 'attempt_hung' });
  });

  it('ends with the reason of its cancellation, and sends no question afterwards', async () => {
    const server = new Server();
    const controller = new AbortController();
    const result = withAttemptFence(
      server.options({ signal: controller.signal }),
      async (_fence, signal) => {
        controller.abort(new Error('cancelled'));
        await delay(20);
        signal.throwIfAborted();
      },
    );
    await expect(result).rejects.toThrow('cancelled');
    const { asked } = server;
    await delay(3 * QUICK.questionEveryMs);
    expect(server.asked).toBe(asked);
  });

  it('has one question under way at a time', async () => {
    let underWay = 0;
    let most = 0;
    const ask = async (): Promise<OwnershipAnswer> => {
      underWay += 1;
      most = Math.max(most, underWay);
      await delay(4 * QUICK.questionEveryMs);
      underWay -= 1;
      return 'ours';
    };
    await withAttemptFence({ ...new Server().options(), ask }, () => delay(1_000));
    expect(most).toBe(1);
    expect(underWay).toBe(0);
  });
});

describe('a batch behind a fence that closes', () => {
  const COUNT = 40;
  const SLOW = { default: { connections: 2, requestsPerSecond: 20 } };
  let server: LyingServer;
  let batch: BatchFixture;
  forEachTest((scene) => ({ server, batch } = scene));

  it.each([
    ['within the worker', undefined],
    ['in a process of its own', runIsolatedBatch],
  ] as const)(
    'sends no further request and keeps its ledger, and its successor requests only the rest (%s)',
    async (_where, work) => {
      const names = Array.from({ length: COUNT }, (_none, index) => `/${index}`);
      for (const [seed, name] of names.entries())
        server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
      batch.plan(names.map((name) => entryOf(`http://127.0.0.1:${server.port}${name}`)));
      const fence = createAttemptFence(monotonicMs() + 60_000);
      const running = batch.run({
        input: { budgets: SLOW },
        fence,
        signal: fence.signal,
        ...(work === undefined ? {} : { work }),
      });
      const ended = expect(running).rejects.toMatchObject({ code: 'server_silent' });
      while (server.requests.length < 15) await delay(10);
      fence.close('server_silent');
      const asked = server.requests.length;
      await ended;
      expect(server.requests.length - asked).toBeLessThanOrEqual(work === undefined ? 0 : 2);
      expect(batch.lines().length).toBeGreaterThan(10);
      expect(batch.temps()).toEqual([]);
      await batch.run({ input: { previousDispatch: 0 } });
      // Two images were under way.
      expect(server.requests.length).toBeLessThanOrEqual(COUNT + 2);
      expect(batch.files()).toHaveLength(COUNT);
    },
  );

  it('in a process of its own stops by itself when its worker is stopped', async () => {
    const names = Array.from({ length: COUNT }, (_none, index) => `/${index}`);
    const image = await picture('jpeg');
    for (const name of names) server.answer(name, reply('200 OK', {}, image));
    batch.plan(names.map((name) => entryOf(`http://127.0.0.1:${server.port}${name}`)));
    // A stopped worker sends no heartbeats, so the child's fence is never extended. Starting the
    // child takes a part of this time.
    const untilMs = monotonicMs() + 8_000;
    const fence: AttemptFence = { assertOpen: () => undefined, openUntilMs: () => untilMs };
    const budgets = { default: { connections: 2, requestsPerSecond: 1 } };
    const running = batch.run({ work: runIsolatedBatch, fence, input: { budgets } });
    await expect(running).rejects.toMatchObject({ code: 'server_silent' });
    expect(server.requests.length).toBeLessThanOrEqual(8);
    expect(batch.lines().length).toBeGreaterThan(0);
  });
});
