/**
 * The number of permits for sockets follows from the limit on descriptors; they are granted in
 * order.
 */
import { createOpenSockets, socketLimit } from '../../../src/http/connect/open-sockets';

const { signal } = new AbortController();

it.each([
  [48, 16],
  [1_024, 462],
  [20_000, 4_096],
])('with %d descriptors, the limit is %d sockets', (descriptors, limit) => {
  expect(socketLimit(descriptors)).toBe(limit);
});

it('grants permits for sockets in the order of the calls', async () => {
  const sockets = createOpenSockets(1);
  const release = await sockets.acquire(signal);
  const order: string[] = [];
  const second = sockets.acquire(signal).then((give) => (order.push('second'), give));
  const third = sockets.acquire(signal).then((give) => (order.push('third'), give));
  expect(sockets.inUse).toBe(1);
  release();
  release();
  (await second)();
  (await third)();
  expect(order).toEqual(['second', 'third']);
  expect(sockets.inUse).toBe(0);
});

it('stops waiting for a permit for a socket when the signal is aborted', async () => {
  const sockets = createOpenSockets(1);
  const release = await sockets.acquire(signal);
  const stopped = new AbortController();
  const waiting = sockets.acquire(stopped.signal);
  stopped.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  release();
  expect(sockets.inUse).toBe(0);
  await expect(sockets.acquire(stopped.signal)).rejects.toThrow('stopped');
});
