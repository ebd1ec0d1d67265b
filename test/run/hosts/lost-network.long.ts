/**
 * The whole network is down for five minutes under a run of several hosts, and all processes of the
 * run are killed meanwhile. The run waits and continues, and no image fails because of it. (N38)
 * test/download/lost-network.test.ts covers a single batch.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { canHaveOwnInternet } from '../../helpers/hosts/own-internet';
import { OwnNetwork } from '../../helpers/hosts/own-network';
import { Pipeline } from '../../helpers/runs/pipeline';

const HOSTS = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example`);
const IMAGES = 240;
/** The budget of each host. */
const BUDGET = { connections: 2, requestsPerSecond: 4 };

/** The time in seconds for which the network is down. */
const GONE = Number(process.env.LOST_SECONDS ?? 300);

let network: OwnNetwork;
let pipeline: Pipeline;
beforeAll(async () => {
  if (!canHaveOwnInternet) return;
  pipeline = await Pipeline.create({ ARTEMIS_ALLOW_PRIVATE_HOSTS: '' }, async (folder) => {
    network = await OwnNetwork.start(folder, HOSTS, 150);
    return network.within(folder);
  });
}, 60_000);
afterAll(async () => {
  if (!canHaveOwnInternet) return;
  await pipeline.dispose();
  await network.stop();
});

function writeCatalog(urls: readonly string[]): string {
  const rows = urls.map((url, n) => `${n},${url}\n`);
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/five.csv'), `id,url\n${rows.join('')}`);
  return 'catalogs/five.csv';
}

(canHaveOwnInternet ? it : it.skip)(
  `gone for ${GONE} s, and all of ours killed in the middle of it: nothing has failed, and no request was wasted`,
  async () => {
    const first = await pipeline.up();
    const names = Array.from({ length: IMAGES }, (_none, n) => n);
    const urls = names.flatMap((n) => HOSTS.map((host) => `http://${host}/${n}`));
    const input = { catalog: writeCatalog(urls), hosts: { default: BUDGET } };
    await pipeline.temporal(
      ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'five'],
      ...['--task-queue', 'artemis-pipeline', '--input', JSON.stringify(input)],
    );
    while (network.requests.length < urls.length / 4) await delay(50);
    network.pull('beyond it');
    await delay(1_000);
    const atCut = network.requests.length;
    await delay((GONE / 2) * 1_000);
    expect(await pipeline.expectFine('status', 'five')).toContain('network');
    first.kill('SIGKILL');
    await first.finished;
    pipeline.killServer();
    await pipeline.up();
    await delay((GONE / 2) * 1_000);
    expect(network.requests.length).toBe(atCut);
    network.plug('beyond it');

    const { runId } = await pipeline.when((run) => run.state === 'completed', 480);
    expect(pipeline.summary(runId).run).toMatchObject({ stored: urls.length, failed: 0 });
    await pipeline.expectFine('verify', '--deep');
    // Requests that were under way at the cut are sent again, and so are those whose deadline
    // passed just after their connection was opened.
    const underWay = HOSTS.length * BUDGET.connections;
    expect(network.requests.length).toBeLessThanOrEqual(urls.length + 2 * underWay);
  },
  GONE * 1_000 + 600_000,
);
