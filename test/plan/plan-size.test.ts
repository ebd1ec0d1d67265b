/** The payloads of a plan stay small, however many hosts it has. */
import { MOST_OPEN_LANES } from '../../src/contract/download-workflow';
import { planDownloads } from '../../src/plan/plan-downloads';
import { readPlanPage } from '../../src/plan/read-plan-page';
import type { Lane, PlanDownloadsResult } from '../../src/contract/payloads';
import type { HostBudget } from '../../src/contract/run-input';
import { DataRootFixture, database } from '../catalog/data-root-fixture';
import { writeSnapshot } from './snapshot-fixture';

/** The limits of a payload (Temporal's `limit.blobSize.error`) and of a page, in bytes. */
const PAYLOAD_LIMIT = 2 << 20;
const PAGE_LIMIT = 256 << 10;

const DEFAULT: HostBudget = { connections: 8, requestsPerSecond: 20 };

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

async function plan(
  images: readonly { readonly id: string; readonly url: string }[],
  hosts: Readonly<Record<string, HostBudget>>,
): Promise<PlanDownloadsResult> {
  await writeSnapshot(fixture.path('warehouse.snapshot.duckdb'), images);
  return planDownloads({
    workers: 1,
    dataRoot: fixture.root,
    runId: 'run-1',
    request: {
      select: 'pending',
      limit: null,
      only: null,
      hosts: { default: DEFAULT, ...hosts },
    },
    caps: { connections: 64, requestsPerSecond: 1_000 },
    database,
  });
}

/** The lanes of all pages. Checks that no page exceeds its limit. */
async function lanesOf({ pages }: PlanDownloadsResult): Promise<readonly Lane[]> {
  const lanes: Lane[] = [];
  for (let page = 0; page < pages; page += 1) {
    const read = await readPlanPage({ dataRoot: fixture.root, runId: 'run-1', page });
    expect(bytesOf(read)).toBeLessThan(PAGE_LIMIT);
    lanes.push(...read.lanes);
  }
  return lanes;
}

function bytesOf(payload: object): number {
  return Buffer.byteLength(JSON.stringify(payload));
}

it('the payloads of a plan for 100,000 hosts are small', async () => {
  const images = Array.from({ length: 100_000 }, (_, n) => ({
    id: String(n),
    url: `http://host-number-${n}.example.org/${n}`,
  }));
  const planned = await plan(images, {});
  expect(bytesOf(planned)).toBeLessThan(200);
  const lanes = await lanesOf(planned);
  expect(lanes.reduce((sum, lane) => sum + lane.entries, 0)).toBe(100_000);
});

it('lanes are small in a plan for 5,000 hosts, 900 of which have budgets of their own', async () => {
  const hosts = Array.from({ length: 5_000 }, (_, n) => `h${n}.example.org`);
  const images = hosts.flatMap((host) =>
    [1, 2].map((n) => ({ id: `${host}/${n}`, url: `http://${host}/${n}` })),
  );
  const own = hosts.slice(0, 900).map((host) => [host, DEFAULT] as const);
  const lanes = await lanesOf(await plan(images, Object.fromEntries(own)));
  expect(lanes).toHaveLength(5);
  for (const lane of lanes) expect(bytesOf(lane)).toBeLessThan(70_000);
});

it('the largest number of open lanes with the longest names is below the limit of a payload', async () => {
  const label = 'a'.repeat(60);
  const longest = (n: number): string =>
    `${String(n).padStart(10, '0')}.${label}.${label}.${label}.example.org`;
  const images = Array.from({ length: 300 }, (_, n) => ({
    id: String(n),
    url: `http://${longest(Math.floor(n / 150))}:8080/${n}`,
  }));
  const budget = { connections: 1, requestsPerSecond: 1 };
  const [lane] = await lanesOf(await plan(images, { [`${longest(0)}:8080`]: budget }));
  if (lane === undefined) throw new Error('there is no lane');
  const host = lane.hosts[0] ?? '';
  const open = {
    lane,
    place: { offset: 123_456_789, entry: 123_456 },
    previousDispatch: 100_000,
    readTo: 123_456,
    toldAt: new Date().toISOString(),
    pause: { host, code: 'http_503', why: 'outage', until: new Date().toISOString() },
    // As much state as one batch passes to the next.
    hosts: { [host]: 'x'.repeat(600 - host.length) },
    tried: Object.fromEntries(Array.from({ length: 8 }, (_none, n) => [123_456 + n, 2])),
  };
  // The lanes of one more page and those in flight are added.
  expect(bytesOf(open) * (MOST_OPEN_LANES + 132)).toBeLessThan(PAYLOAD_LIMIT);
});
