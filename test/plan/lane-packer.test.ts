/** Which hosts share a lane, tested with plans on disk. */
import { LANES_IN_FLIGHT } from '../../src/contract/download-workflow';
import type { Lane } from '../../src/contract/payloads';
import { LanePacker } from '../../src/plan/lane-packer';
import { PlanFixture, imagesOf } from './plan-fixture';

const DEFAULT = { connections: 8, requestsPerSecond: 20 };
const CAPS = { connections: 64, requestsPerSecond: 1_000 };
const RULES = { hosts: { default: DEFAULT }, caps: CAPS, workers: 1 };

let fixture: PlanFixture;
beforeEach(() => {
  fixture = new PlanFixture();
});
afterEach(() => {
  fixture.remove();
});

/**
 * The number of entries of each host, in the order in which the hosts first occur in the lane's
 * file.
 */
async function hostsOf(lane: Lane): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { url } of await fixture.entries(lane)) {
    const { host } = new URL(url);
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return counts;
}

test('packs 3,000 hosts into lanes so that none waits for a much slower host', async () => {
  // 60 hosts of 41 to 85 seconds, 40 of 5 to 20 seconds, and 2,900 that need less than a second.
  const counts = [
    ...Array.from({ length: 60 }, (_, n) => 820 + 15 * n),
    ...Array.from({ length: 40 }, (_, n) => 100 + 7 * n),
    ...Array.from({ length: 2_900 }, (_, n) => 1 + (n % 9)),
  ];
  const images = counts.flatMap((count, n) => imagesOf(`host-${n}.example.org`, count));
  await fixture.snapshot(images);
  const lanes = await fixture.lanes(await fixture.plan({ hosts: { default: DEFAULT } }));

  const laneOf = new Map<string, string>();
  const alone = [];
  for (const lane of lanes) {
    const hosts = await hostsOf(lane);
    const needs = [...hosts.values()].map((entries) => entries / DEFAULT.requestsPerSecond);
    expect(lane.entries).toBeLessThanOrEqual(2_000);
    if (Math.max(...needs) > 5) {
      expect(Math.max(...needs)).toBeLessThanOrEqual(2 * Math.min(...needs));
    }
    if (hosts.size === 1) alone.push(...needs);
    for (const host of hosts.keys()) {
      expect(laneOf.has(host)).toBe(false);
      laneOf.set(host, lane.lane);
    }
  }
  expect(laneOf.size).toBe(3_000);
  expect(lanes.reduce((sum, lane) => sum + lane.entries, 0)).toBe(images.length);
  expect(alone.filter((seconds) => seconds > 20).length).toBeGreaterThanOrEqual(LANES_IN_FLIGHT);
  // Two hosts a lane beyond the window, and lanes of 2,000 entries at most half empty.
  expect(lanes.length).toBeLessThan(32 + 28 + 16);
});

test('a host that needs more than 20 seconds at its own budget has a lane of its own', async () => {
  const slow = { connections: 1, requestsPerSecond: 0.5 };
  await fixture.snapshot([
    ...imagesOf('slow.example', 11),
    ...imagesOf('quick.example', 399),
    ...imagesOf('other.example', 11),
  ]);
  const hosts = { default: DEFAULT, 'slow.example': slow };
  const lanes = await fixture.lanes(await fixture.plan({ hosts }));

  expect(lanes.map((lane) => lane.hosts)).toEqual([
    ['slow.example'],
    ['quick.example'],
    ['other.example'],
  ]);
  expect(lanes[0]?.budgets).toEqual({ default: DEFAULT, 'slow.example': slow });
});

test('slow hosts beyond the number of lanes in flight share lanes with hosts that are as slow', () => {
  const slow = { connections: 1, requestsPerSecond: 1 };
  const packer = new LanePacker({ ...RULES, hosts: { default: slow } });
  for (let n = 0; n < 10_000; n += 1) packer.place({ host: `h${n}`, entries: 50 });

  // A lane has 40 hosts with 50 entries each, which together receive 40 requests per second.
  expect(packer.outlines).toHaveLength(
    LANES_IN_FLIGHT + Math.ceil((10_000 - LANES_IN_FLIGHT) / 40),
  );
});

test.each([
  [1, { d: 4, c: 1, e: 1, b: 1, a: 1 }],
  [2, { d: 4, c: 4, e: 1, b: 2, a: 1 }],
  [9, { d: 8, c: 8, e: 1, b: 2, a: 1 }],
])(
  '%i workers share a host with a large budget in lanes with thousands of images and at least three connections each',
  (workers, expected) => {
    const wide = { connections: 64, requestsPerSecond: 100_000 };
    const hosts = { default: wide, e: { ...wide, connections: 5 } };
    const packer = new LanePacker({ hosts, caps: wide, workers });
    // In the order of the time that they need.
    const counts = { d: 100_004, c: 60_000, e: 6_000, b: 5_001, a: 5_000 };
    const lanes = Object.entries(counts).map(([host, entries]) => [
      host,
      packer.place({ host, entries }).lanes,
    ]);
    expect(Object.fromEntries(lanes)).toEqual(expected);
    for (const { hosts: named, budgets } of packer.outlines)
      expect(budgets[named[0] ?? '']?.connections).toBeGreaterThanOrEqual(3);
  },
);

test('the entries of a mixed lane alternate between its hosts, in catalog order within a host', async () => {
  await fixture.snapshot([
    ...imagesOf('a.example', 2),
    ...imagesOf('b.example', 3),
    ...imagesOf('c.example', 1),
    { id: 'bad', url: 'no url' },
  ]);
  const [lane] = await fixture.lanes(await fixture.plan({ hosts: { default: DEFAULT } }));
  if (lane === undefined) throw new Error('there is no lane');

  expect((await fixture.entries(lane)).map(({ url }) => url.replace('.example', ''))).toEqual([
    'http://b/0',
    'http://a/0',
    'http://c/0',
    'no url',
    'http://b/1',
    'http://a/1',
    'http://b/2',
  ]);
});

test('URLs without a host are distributed to lanes of at most 2,000 entries', async () => {
  const bad = Array.from({ length: 4_001 }, (_, n) => ({ id: String(n), url: `no url ${n}` }));
  await fixture.snapshot([...bad, ...imagesOf('a.example', 1)]);
  const lanes = await fixture.lanes(await fixture.plan({ hosts: { default: DEFAULT } }));

  expect(lanes.map(({ hosts, entries }) => [hosts, entries])).toEqual([
    [['a.example'], 1],
    [[], 1_334],
    [[], 1_334],
    [[], 1_333],
  ]);
  expect(lanes.every((lane) => lane.lanesOfHost === undefined)).toBe(true);
});

test('pages of a plan stay below 256 kB if 3,000 hosts have long names and budgets of their own', async () => {
  const labels = Array.from({ length: 4 }, () => 'a'.repeat(60)).join('.');
  const names = Array.from({ length: 3_000 }, (_, n) => `${String(n).padStart(9, '0')}.${labels}`);
  expect(names[0]).toHaveLength(253);
  await fixture.snapshot(names.map((name, n) => ({ id: String(n), url: `http://${name}/${n}` })));
  const own = names.map((name) => [name, { connections: 12, requestsPerSecond: 123.456 }] as const);
  const hosts = { default: DEFAULT, ...Object.fromEntries(own) };
  const planned = await fixture.plan({ hosts });

  const pages = await fixture.pages(planned);
  for (const lanes of pages) {
    expect(Buffer.byteLength(JSON.stringify({ lanes }))).toBeLessThanOrEqual(256 << 10);
  }
  const named = pages.flat().flatMap((lane) => Object.keys(lane.budgets));
  expect(named.filter((key) => key !== 'default').sort()).toEqual([...names].sort());
});
