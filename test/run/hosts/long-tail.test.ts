/**
 * A whole run over 150 hosts with opaque names, of which every fourth is in trouble, each in its
 * own way (bench/long-tail).
 */
import fs from 'node:fs';
import path from 'node:path';
import { hostsOf, imagesOf, LOST_NETWORK, type TailHost } from '../../../bench/long-tail/hosts.cjs';
import { startWorld, type World, type WorldStats } from '../../../bench/long-tail/namespace.cjs';
import type { LedgerLine } from '../../../src/contract/outcome';
import { readStatus } from '../../../src/files/run/run-status';
import { canHaveOwnInternet } from '../../helpers/hosts/own-internet';
import { Pipeline, type Finished } from '../../helpers/runs/pipeline';

/** The number of hosts of each kind. */
const MIX = {
  ...{ ok: 80, slow: 8, slowdns: 4, cname: 6, tcp: 6, v6dead: 4, v6noroute: 2, v6only: 4 },
  ...{ comeback: 2, nx: 10, mute: 4, fail: 3, dnsrefuse: 2, dead: 5, refuse: 4, err: 3 },
  ...{ e404: 1, stall: 1, hangup: 1 },
};
const HOSTS = 150;
const IMAGES_PER_HOST = 3;

/**
 * The run must end within this time, however busy the machine is: it is what users are promised.
 * In seconds.
 */
const MOST_SECONDS = 180;

/**
 * A host that accepts connections and never answers costs a run of this size no more than it must.
 * In seconds.
 */
const SECONDS_PER_FILE = 20;

const hosts = hostsOf({ count: HOSTS, mix: MIX, isOpaque: true });
const images = imagesOf(hosts, IMAGES_PER_HOST);

let world: World;
let pipeline: Pipeline;
let finished: Finished;
let seconds: number;
let stats: WorldStats;
/** The texts that `status` showed while the run was under way, each once. */
const statusTexts = new Set<string>();

(canHaveOwnInternet ? describe : describe.skip)('a run over a long tail of hosts', () => {
  beforeAll(async () => {
    const settings = { ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8' };
    pipeline = await Pipeline.create(settings, async (folder) => {
      world = await startWorld({ folder, hosts });
      return world.within(folder);
    });
    const input = { limits: { secondsPerFile: SECONDS_PER_FILE } };
    const startedAt = performance.now();
    const run = pipeline.start('run', writeCatalog(), '--input', JSON.stringify(input));
    const watch = setInterval(() => void noteStatus(), 1_000);
    // A longer run is cancelled, so that the outcomes of its images can still be checked.
    const cancel = setTimeout(() => {
      run.kill('SIGINT');
    }, MOST_SECONDS * 1_000);
    finished = await run.finished;
    seconds = (performance.now() - startedAt) / 1_000;
    clearTimeout(cancel);
    clearInterval(watch);
    stats = await world.stats();
  }, 420_000);
  afterAll(async () => {
    await pipeline.dispose();
    await world.stop();
  });

  it('ends within three minutes and reports that some images failed', () => {
    expect(seconds).toBeLessThan(MOST_SECONDS);
    expect(finished.code).toBe(3);
  });

  it('stores every image that can be obtained', () => {
    expect(outcomesThatDiffer(({ code }) => code === null)).toEqual({});
  });

  it('gives every other image the code of what its host does, and marks it as retryable', () => {
    expect(outcomesThatDiffer(({ code }) => code !== null)).toEqual({});
  });

  it('never reports a lost network', () => {
    expect([...statusTexts].filter((text) => LOST_NETWORK.test(text))).toEqual([]);
    expect(finished.stderr).not.toMatch(LOST_NETWORK);
  });

  it('sends at most one A and one AAAA query for each name that is answered at once', () => {
    const atOnce = new Set(hosts.filter((host) => host.isNamedAtOnce).map(({ name }) => name));
    const repeated = stats.hosts
      // An address that stops accepting connections is dropped, so the name of a host that was down
      // for a while is looked up again.
      .filter(({ name, kind }) => atOnce.has(name) && kind !== 'comeback')
      .map(({ kind, queries: { A = 0, AAAA = 0 } }) => ({ kind, A, AAAA }))
      .filter(({ A, AAAA }) => A > 1 || AAAA > 1)
      .map(({ kind, A, AAAA }) => `${kind}: ${A} A, ${AAAA} AAAA`);
    expect(countsOf(repeated)).toEqual({});
  });
});

function writeCatalog(): string {
  const rows = images.map(({ id, url }) => `${id},${url}\n`);
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/tail.csv'), `id,url\n${rows.join('')}`);
  return path.join('data', 'catalogs/tail.csv');
}

async function noteStatus(): Promise<void> {
  const { runs } = await readStatus(pipeline.root, new Date());
  for (const { step } of runs) statusTexts.add(step?.detail ?? '');
}

/** Counts, as `kind: outcome`, the images whose last ledger line does not match their host. */
function outcomesThatDiffer(
  isMeant: (host: TailHost) => boolean,
): Readonly<Record<string, number>> {
  const lines = lastLines();
  const different = images
    .filter(({ host }) => isMeant(host))
    .map(({ id, host }) => ({ host, outcome: outcomeOf(lines.get(id)) }))
    .filter(({ host, outcome }) => outcome !== wanted(host))
    .map(({ host, outcome }) => `${host.kind}: ${outcome}`);
  return countsOf(different);
}

/** The number of times that each text occurs. */
function countsOf(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

function wanted({ code, isRetryable }: TailHost): string {
  return code === null ? 'stored' : `failed ${code}${isRetryable ? ', retryable' : ''}`;
}

function outcomeOf(line: LedgerLine | undefined): string {
  if (line === undefined) return 'no outcome';
  const { outcome, code, retryable } = line;
  return code === null ? outcome : `${outcome} ${code}${retryable ? ', retryable' : ''}`;
}

function lastLines(): ReadonlyMap<string, LedgerLine> {
  const runs = path.join(pipeline.root, 'runs');
  const lines = fs
    .readdirSync(runs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ndjson') && file.split(path.sep).includes('ledger'))
    .flatMap((file) => fs.readFileSync(path.join(runs, file), 'utf8').split('\n'))
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as LedgerLine)
    .sort((a, b) => a.at.localeCompare(b.at));
  return new Map(lines.map((line) => [line.id, line]));
}
