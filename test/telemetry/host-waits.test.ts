import { setTimeout as delay } from 'node:timers/promises';
import { createHostWaits } from '../../src/telemetry/host-waits';

it('host waits give the first 50 hosts a label of their own and count the hosts that wait now', async () => {
  const labels = new Set<string>();
  let waiting = -1;
  const waits = createHostWaits({
    waits: { record: (_seconds, tags) => labels.add(String(tags?.host)) },
    waiting: { set: (count) => (waiting = count) },
  });
  for (let index = 0; index < 200; index += 1) waits(`host-${index}`, index < 100 ? 300 : 60_000);
  expect(labels.size).toBe(51);
  expect(labels).toContain('others');
  expect(waiting).toBe(200);
  const deadline = Date.now() + 5_000;
  while (waiting !== 100 && Date.now() < deadline) await delay(20);
  expect(waiting).toBe(100);
});

it('host waits count simultaneous reports of many requests to one host as one wait', () => {
  const seconds: number[] = [];
  const waits = createHostWaits({
    waits: { record: (value) => seconds.push(value) },
    waiting: { set: () => undefined },
  });
  for (let index = 0; index < 20; index += 1) waits('museum.example', 2_000);
  waits('museum.example', 30_000);
  expect(seconds).toEqual([2, 30]);
});
