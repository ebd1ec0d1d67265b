/** An image whose URL has given a file to another id is linked to that file, without a request. */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import type { StoredFile } from '../../src/contract/plan-entry';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let first: LedgerLine;
beforeEach(async () => {
  server = await startLyingServer();
  server.answer('/image', reply('200 OK', { etag: '"v1"' }, await picture('png')));
  batch = new BatchFixture(server.port);
  batch.plan([entryOf(url(), '1000')]);
  await batch.run();
  first = batch.lines()[0] ?? fail('no line was written');
});
afterEach(async () => {
  await batch.dispose();
  await server.close();
});

const url = (): string => `http://127.0.0.1:${server.port}/image`;

function storedFile(): StoredFile {
  const { path: file, sha256, etag, lastModified, bytes, width, height, format, verdict } = first;
  if (file === null || sha256 === null || bytes === null) return fail('nothing was stored');
  return { path: file, sha256, etag, lastModified, bytes, width, height, format, verdict };
}

function fail(message: string): never {
  throw new Error(message);
}

/** Runs the batch for two new ids of the URL, and again, as after a kill. */
async function runForNewIds(): Promise<readonly LedgerLine[]> {
  batch.plan([{ ...entryOf(url(), '1000#a', '1000#b'), stored: storedFile() }]);
  for (let time = 0; time < 2; time += 1) await batch.run({ input: { previousDispatch: 0 } });
  return batch.lines().slice(1);
}

it('every new id of a stored URL gets a file of its own, and a line that names its source, without a request', async () => {
  const lines = await runForNewIds();
  expect(server.requests).toHaveLength(1);
  const { sha256, bytes, width, height, format, verdict, etag } = first;
  const facts = { sha256, bytes, width, height, format, verdict, etag };
  const answer = { status: null, finalHost: null, requests: 0 };
  const detail = `linked to ${String(first.path)}, which the same URL gave before: no request was sent`;
  expect(lines).toMatchObject(
    ['1000#a', '1000#b'].map((id) => ({ id, outcome: 'stored', ...facts, ...answer, detail })),
  );
  expect([...batch.files()].sort()).toEqual([first, ...lines].map((line) => line.path).sort());
  expect(new Set(batch.files()).size).toBe(3);
  expect(batch.temps()).toEqual([]);
});

it('a stored file that is damaged or missing is not reused, and its URL is requested once', async () => {
  const file = path.join(batch.root, storedFile().path);
  fs.chmodSync(file, 0o644);
  fs.appendFileSync(file, 'damage');
  const lines = await runForNewIds();
  expect(server.requests).toHaveLength(2);
  expect(lines.map(({ id, outcome, requests, status }) => [id, outcome, requests, status])).toEqual(
    [
      ['1000#a', 'stored', 1, 200],
      ['1000#b', 'stored', 0, 200],
    ],
  );
  expect(lines.every(({ sha256 }) => sha256 === first.sha256)).toBe(true);
});
