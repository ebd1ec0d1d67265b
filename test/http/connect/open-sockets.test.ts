/** Permits for sockets: as many as descriptors allow, in order. */
import { createOpenSockets, socketLimit } from '../../../src/http/connect/open-sockets';

const { signal } = new AbortController();

it.each([
  [48, 16],
  [1_024, 462],
  [20_000, 4_096],
])('of %d descriptors allow %d sockets', (descriptors, limit) => {
  expect(socketLimit(descriptors)).toBe(limit);
});

it('are granted first come first served', async () => {
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

it('are not waited for any longer when the signal is aborted', async () => {
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
