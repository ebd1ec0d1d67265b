/** Runs every case of the table in a batch beside two good images of the same host. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { imagePath } from '../../src/files/image-store/image-name';
import { BatchFixture, entryOf, type Settings } from '../download/batch-fixture';
import { canHaveOwnInternet } from '../helpers/own-internet';
import { needsNames } from './address-cases';
import type { FaultCase } from './fault-case';
import { faultCases } from './fault-cases';
import { startFaultServers, type FaultServers, type StartedCase } from './fault-servers';
import { makeSampleImages, type SampleImages } from './sample-images';

/** Each host has one connection, so what a case leaves behind on it would affect the next image. */
const budgets = { default: { connections: 1, requestsPerSecond: 100 } };

let images: SampleImages;
let servers: FaultServers;
const batches = new Map<string, BatchFixture>();
const lines = new Map<string, LedgerLine>();

beforeAll(async () => {
  images = await makeSampleImages();
  servers = await startFaultServers(faultCases, images);
  await Promise.all(
    [...groupsOf(servers.cases)].map(([settings, cases]) => runGroup(settings, cases)),
  );
});
afterAll(async () => {
  for (const batch of batches.values()) await batch.dispose();
  await servers.close();
});

const keyOf = ({ settings }: FaultCase): string => JSON.stringify(settings ?? {});

function groupsOf(cases: readonly StartedCase[]): Map<string, StartedCase[]> {
  const groups = new Map<string, StartedCase[]>();
  for (const one of cases) {
    const key = keyOf(one.fault);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

async function runGroup(key: string, cases: readonly StartedCase[]): Promise<void> {
  const batch = new BatchFixture(0);
  batches.set(key, batch);
  for (const { fault } of cases) fault.before?.(batch.root, finalPathOf(fault));
  batch.plan(
    cases.flatMap(({ image, neighbours: [first, second] }) =>
      [first, image, second].map(({ id, url }) => ({ ...entryOf('http://x/', id), url })),
    ),
  );
  const settings = { ...servers.settings, ...(JSON.parse(key) as Settings) };
  const result = await batch.run({ settings, input: { budgets }, work: inProcess });
  expect(result).toMatchObject({ place: null, pause: null });
  for (const line of batch.lines()) lines.set(line.id, line);
}

/**
 * Runs the batch in a process that trusts the certificates, knows the names, and has a proxy in its
 * environment that it must not use.
 */
async function inProcess(options: BatchOptions): Promise<DownloadBatchResult> {
  const { dataRoot, input, attempt, config } = options;
  const proxy = `http://127.0.0.1:${servers.proxy.port}`;
  const script = path.join(__dirname, '../download/batch-once.cjs');
  const [program, ...words] = [...servers.behind, process.execPath, script] as [string, string];
  const worker = spawn(program, words, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...{ ...process.env, ...servers.environment },
      ...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
    },
  });
  worker.send({ dataRoot, input, attempt, config, isApart: false });
  const [answer] = (await once(worker, 'message')) as [DownloadBatchResult];
  return answer;
}

function finalPathOf(fault: FaultCase): string {
  const { id } = servers.cases.find((one) => one.fault === fault)?.image ?? { id: '' };
  return imagePath({ id, sha256: sha256(images.jpeg), extension: 'jpg' });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Checks that the file of a line exists and has these bytes. */
function expectFile(batch: BatchFixture, line: LedgerLine | undefined, bytes: Buffer): void {
  expect(line).toMatchObject({ outcome: 'stored', sha256: sha256(bytes), bytes: bytes.length });
  expect(fs.readFileSync(path.join(batch.root, line?.path ?? '')).equals(bytes)).toBe(true);
}

describe.each(faultCases.map((fault) => [`${fault.row} ${fault.what}`, fault] as const))(
  '%s',
  (_title, fault) => {
    const start = (): StartedCase => {
      const found = servers.cases.find((one) => one.fault === fault);
      if (found === undefined) throw new Error('the case was not started');
      return found;
    };
    const lineOf = (id: string): LedgerLine | undefined => lines.get(id);
    const batch = (): BatchFixture => {
      const found = batches.get(keyOf(fault));
      if (found === undefined) throw new Error('the case was not run');
      return found;
    };

    const itHere = canHaveOwnInternet || !needsNames(fault) ? it : it.skip;
    itHere('has the expected outcome, number of requests and file', () => {
      const { requests, detail, bytes, ...facts } = fault.expected;
      const { image, server } = start();
      const line = lineOf(image.id);
      expect(line).toMatchObject({ ...facts, requests });
      const seen = server.requests.filter(({ path: at }) => !/^\/[01]\?/.test(at));
      expect(seen).toHaveLength(requests - (fault.elsewhere ?? 0));
      if (detail === null) expect(line?.detail).toBeNull();
      else if (detail !== undefined) expect(line?.detail).toMatch(detail);
      expect(JSON.stringify(line)).not.toContain('secret');
      if (bytes !== undefined) expectFile(batch(), line, bytes(images));
      else if (facts.outcome === 'failed') expect(line).toMatchObject({ path: null, sha256: null });
      fault.after?.(batch().root, finalPathOf(fault));
    });

    it('leaves the images before and after it unaffected', () => {
      start().neighbours.forEach(({ id }, index) => {
        expectFile(batch(), lineOf(id), images.neighbours[index] ?? Buffer.alloc(0));
      });
    });
  },
);

describe('after all cases', () => {
  it('the images on disk are those that the ledgers name, and tmp/ is empty', () => {
    for (const batch of batches.values()) {
      const paths = batch.lines().flatMap(({ path: file }) => (file === null ? [] : [file]));
      const planted = batch
        .files()
        .filter((file) => fs.readFileSync(path.join(batch.root, file), 'utf8') !== 'a file');
      expect([...planted].sort()).toEqual([...paths].sort());
      expect(batch.temps()).toEqual([]);
    }
  });

  it('no request asked for a range (N21), and no proxy was used (N39)', () => {
    const heads = servers.cases.flatMap(({ server }) => server.requests.map(({ head }) => head));
    expect(heads.filter((head) => /^(range|if-range):/im.test(head))).toEqual([]);
    expect(servers.proxy.connections.all).toBe(0);
  });
});
