/**
 * Runs every case of the table beside two good images of the same host, and runs the same catalog
 * twice more.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { imagePath } from '../../src/files/image-store/image-name';
import { canHaveOwnInternet } from '../helpers/hosts/own-internet';
import { casesOfTier } from '../helpers/suites/quick-tier';
import { needsNames } from './address-cases';
import { requestsByRun, type FaultCase } from './fault-case';
import { faultCases } from './fault-cases';
import { startFaultServers, type FaultServers, type StartedCase } from './fault-servers';
import { makeSampleImages, type SampleImages } from './sample-images';
import { TableRuns, type Group } from './table-runs';

const RUNS = 3;

const cases = casesOfTier(faultCases);

let images: SampleImages;
let servers: FaultServers;
const groups = new Map<string, TableRuns>();

beforeAll(async () => {
  images = await makeSampleImages();
  servers = await startFaultServers(cases, images);
  await Promise.all(
    [...groupsOf(servers.cases)].map(([settings, cases]) => runGroup(settings, cases)),
  );
});
afterAll(async () => {
  for (const group of groups.values()) await group.dispose();
  await servers.close();
});

const keyOf = ({ settings = {}, keep = [] }: FaultCase): string =>
  JSON.stringify({ settings, keep });

function groupsOf(cases: readonly StartedCase[]): Map<string, StartedCase[]> {
  const found = new Map<string, StartedCase[]>();
  for (const one of cases) {
    const key = keyOf(one.fault);
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return found;
}

async function runGroup(key: string, cases: readonly StartedCase[]): Promise<void> {
  const group = new TableRuns(servers, JSON.parse(key) as Group, cases, inProcess);
  groups.set(key, group);
  for (const { fault } of cases) fault.before?.(group.batch.root, finalPathOf(fault));
  for (let run = 0; run < RUNS; run += 1) await group.run();
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
function expectFile(root: string, line: LedgerLine | undefined, bytes: Buffer): void {
  expect(line).toMatchObject({ outcome: 'stored', sha256: sha256(bytes), bytes: bytes.length });
  expect(fs.readFileSync(path.join(root, line?.path ?? '')).equals(bytes)).toBe(true);
}

describe.each(cases.map((fault) => [`${fault.row} ${fault.what}`, fault] as const))(
  '%s',
  (_title, fault) => {
    const start = (): StartedCase => {
      const found = servers.cases.find((one) => one.fault === fault);
      if (found === undefined) throw new Error('the case was not started');
      return found;
    };
    const group = (): TableRuns => {
      const found = groups.get(keyOf(fault));
      if (found === undefined) throw new Error('the case was not run');
      return found;
    };
    const lineOf = (run: number, id: string): LedgerLine | undefined =>
      group().runs[run]?.lines.get(id);
    /** The numbers of requests that the server of the case received, by run. */
    const requestsSeen = (): readonly (number | undefined)[] =>
      group().runs.map(({ requests }) => requests.get(fault));

    const itHere = canHaveOwnInternet || !needsNames(fault) ? it : it.skip;
    itHere('has the expected outcome, number of requests and file', () => {
      const { requests, later: _later, detail, bytes, ...facts } = fault.expected;
      const { root } = group().batch;
      const line = lineOf(0, start().image.id);
      expect(line).toMatchObject({ ...facts, requests });
      expect(requestsSeen()[0]).toBe(requests - (fault.elsewhere ?? 0));
      if (detail === null) expect(line?.detail).toBeNull();
      else if (detail !== undefined) expect(line?.detail).toMatch(detail);
      expect(JSON.stringify(line)).not.toContain('secret');
      if (bytes !== undefined) expectFile(root, line, bytes(images));
      else if (facts.outcome === 'failed') expect(line).toMatchObject({ path: null, sha256: null });
      fault.after?.(root, finalPathOf(fault));
    });

    itHere('is requested in the second and third run as often as expected', () => {
      const { outcome, code, retryable } = fault.expected;
      const [, ...expected] = requestsByRun(fault.expected);
      for (const [index, count] of expected.entries()) {
        const run = index + 1;
        const requests = requestsSeen()[run];
        expect([count].flat()).toContain(requests);
        const line = lineOf(run, start().image.id);
        if (!retryable) expect(line).toBeUndefined();
        else expect(line).toMatchObject({ outcome, code, retryable, requests });
      }
    });

    it('leaves the images before and after it unaffected', () => {
      start().neighbours.forEach(({ id }, index) => {
        const bytes = images.neighbours[index] ?? Buffer.alloc(0);
        expectFile(group().batch.root, lineOf(0, id), bytes);
        expect(lineOf(1, id)).toBeUndefined();
      });
    });
  },
);

describe('after all cases', () => {
  it('the images on disk are those that the ledgers name, and tmp/ is empty', () => {
    for (const { batch, runs } of groups.values()) {
      const lines = runs.flatMap((run) => [...run.lines.values()]);
      const paths = lines.flatMap(({ path: file }) => (file === null ? [] : [file]));
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
