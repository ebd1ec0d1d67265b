/**
 * The whole network is down for a while, under a batch of several hosts: no image fails because of
 * it. (N38)
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { canHaveOwnInternet } from '../helpers/hosts/own-internet';
import { OwnNetwork, type Cut } from '../helpers/hosts/own-network';
import { runBatchBehind } from './batch-behind';
import { BatchFixture, entryOf, waitedFor } from './batch-fixture';

const HOSTS = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example`);
const IMAGES = 20;

/** Images of each host. */
const BUDGET = { connections: 2, requestsPerSecond: 20 };

/**
 * Three attempts, as by default: one that was under way at the cut may count, and so may one at a
 * host that was not known to be down. Probes after 0.2, 0.4, 0.8 and 1.6 s.
 */
const SETTINGS = {
  ARTEMIS_MAX_ATTEMPTS: '3',
  ARTEMIS_OUTAGE_SECONDS: '3',
  ARTEMIS_MAX_SECONDS_PER_FILE: '1',
};

let batch: BatchFixture;
let network: OwnNetwork;
beforeEach(async () => {
  batch = new BatchFixture(80);
  network = await OwnNetwork.start(batch.root, HOSTS, 150);
});
afterEach(async () => {
  await network.stop();
  await batch.dispose();
});

function onTheMachine(options: BatchOptions): Promise<DownloadBatchResult> {
  return runBatchBehind(network.within(options.dataRoot), options);
}

/** Runs one batch after another, as the workflow does. */
async function download(): Promise<readonly DownloadBatchResult[]> {
  const results: DownloadBatchResult[] = [];
  for (let place: DownloadBatchResult['place'] = { offset: 0, entry: 0 }; place !== null;) {
    const last = results.at(-1);
    if (last?.pause) await delay(last.pause.waitMs);
    const before = last === undefined ? {} : { hosts: waitedFor(last.hosts), tried: last.tried };
    const input = { budgets: { default: BUDGET }, place, ...before };
    const result = await batch.run({ settings: SETTINGS, input, work: onTheMachine });
    results.push(result);
    ({ place } = result);
  }
  return results;
}

(canHaveOwnInternet ? describe : describe.skip)('a network that is gone', () => {
  it.each<[Cut]>([['at the machine'], ['beyond it']])(
    'fails no image and wastes no request, and the rest arrives when the network is back (cut %s)',
    async (cut) => {
      const names = Array.from({ length: IMAGES }, (_none, n) => n);
      const urls = names.flatMap((n) => HOSTS.map((host) => `http://${host}/${n}`));
      batch.plan(urls.map((url) => entryOf(url, url)));
      const finished = download();
      while (network.requests.length < urls.length / 3) await delay(5);
      network.pull(cut);
      // What had arrived is reported by then.
      await delay(200);
      const atCut = network.requests.length;
      await delay(2_500);
      expect(network.requests.length).toBe(atCut);
      network.plug(cut);
      await finished;
      expect(batch.lines().filter(({ outcome }) => outcome !== 'stored')).toEqual([]);
      expect(
        batch
          .lines()
          .map(({ id }) => id)
          .sort(),
      ).toEqual([...urls].sort());
      // Requests that were under way at the cut are sent again, and so are those whose deadline
      // passed just after their connection was opened.
      const underWay = HOSTS.length * BUDGET.connections;
      expect(network.requests.length).toBeLessThanOrEqual(urls.length + 2 * underWay);
    },
    30_000,
  );
});
