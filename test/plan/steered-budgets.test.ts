/** A budget that an operator sets during a run, applied to the lanes of a plan on disk. */
import type { Lane } from '../../src/contract/payloads';
import type { HostBudget } from '../../src/contract/run-input';
import { hostBudget } from '../../src/download/hosts/limits/host-budget';
import { laneBudget } from '../../src/workflows/download/lane-budget';
import { PlanFixture, imagesOf } from './plan-fixture';

const DEFAULT = { connections: 8, requestsPerSecond: 20 };
const WIDE = { connections: 64, requestsPerSecond: 1_000 };
const HOSTS = { default: DEFAULT, 'wide.example': WIDE, 'broad.example': WIDE };

let fixture: PlanFixture;
let lanes: readonly Lane[];
beforeAll(async () => {
  fixture = new PlanFixture();
  await fixture.snapshot([
    ...imagesOf('wide.example', 30_000),
    ...imagesOf('broad.example', 20_000),
    ...imagesOf('small.example', 10),
  ]);
  lanes = await fixture.lanes(await fixture.plan({ hosts: HOSTS, caps: WIDE, workers: 4 }));
});
afterAll(() => {
  fixture.remove();
});

function lanesOf(host: string): readonly Lane[] {
  return lanes.filter((lane) => lane.hosts[0] === host);
}

/** The combined budget of the host's lanes, for as many of them as may run at once. */
function combinedBudget(host: string, given: Readonly<Record<string, HostBudget>>): HostBudget {
  const budgets = lanesOf(host).map((lane) => laneBudget(lane, HOSTS, given));
  const most = Math.min(...budgets.map(({ mostLanes }) => mostLanes));
  const config = { maxConnectionsPerHost: 64, maxRequestsPerSecond: 1_000 };
  const shares = budgets.map(
    // Only these two settings of the configuration are read.
    (input) => hostBudget({ input, config } as unknown as Parameters<typeof hostBudget>[0], host),
  );
  const sum = (key: keyof HostBudget): number =>
    shares
      .map((share) => share[key])
      .sort((a, b) => b - a)
      .slice(0, most)
      .reduce((a, b) => a + b, 0);
  return { connections: sum('connections'), requestsPerSecond: sum('requestsPerSecond') };
}

test('each lane of a host with several lanes records their number, and they share its budget', () => {
  expect(lanesOf('wide.example').map(({ lanesOfHost }) => lanesOfHost)).toEqual(
    Array<number>(5).fill(5),
  );
  expect(lanesOf('small.example').map(({ lanesOfHost }) => lanesOfHost)).toEqual([undefined]);
  expect(combinedBudget('wide.example', {})).toEqual(WIDE);
});

test.each([
  { connections: 4, requestsPerSecond: 10 },
  { connections: 1, requestsPerSecond: 10 },
  { connections: 64, requestsPerSecond: 3 },
  { connections: 7, requestsPerSecond: 999 },
])(
  'a budget of $connections connections and $requestsPerSecond/s limits all lanes of a host together',
  (given) => {
    const taken = combinedBudget('wide.example', { 'wide.example': given });
    expect(taken.connections).toBeLessThanOrEqual(given.connections);
    expect(taken.requestsPerSecond).toBeLessThanOrEqual(given.requestsPerSecond);
    expect(taken.connections).toBeGreaterThanOrEqual(1);
  },
);

test('a budget for another host, or for hosts without one, does not change the shares of the plan', () => {
  const given = { 'wide.example': { connections: 4, requestsPerSecond: 10 }, default: DEFAULT };
  expect(combinedBudget('broad.example', given)).toEqual(WIDE);
  for (const lane of lanesOf('broad.example')) {
    const { budgets, sharedBy, mostLanes } = laneBudget(lane, HOSTS, given);
    expect(budgets['broad.example']).toEqual(lane.budgets['broad.example']);
    expect({ sharedBy, mostLanes }).toEqual({ sharedBy: undefined, mostLanes: lane.lanesOfHost });
  }
});
