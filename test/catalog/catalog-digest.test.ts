/** A process reads a file once for its hash, and again when the file has changed. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { digestFile } from '../../src/catalog/catalog-digest';
import { DataRootFixture } from './data-root-fixture';

const fixture = new DataRootFixture();
afterAll(() => {
  fixture.remove();
});

const digestOf = (text: string): { readonly bytes: number; readonly sha256: string } => ({
  bytes: text.length,
  sha256: createHash('sha256').update(text).digest('hex'),
});

test('a file that has been left alone is read once, and again after a change that keeps its size and its time', async () => {
  const file = fixture.path(fixture.write('a.csv', 'first'));
  expect(await digestFile(file)).toEqual(digestOf('first'));
  // It was changed just now: a later change might have the same time.
  await expect(digestFile(file, AbortSignal.abort())).rejects.toThrow('aborted');
  await delay(2_600);
  expect(await digestFile(file)).toEqual(digestOf('first'));
  expect(await digestFile(file, AbortSignal.abort())).toEqual(digestOf('first'));
  const { atime, mtime } = fs.statSync(file);
  fs.writeFileSync(file, 'other');
  fs.utimesSync(file, atime, mtime);
  expect(await digestFile(file)).toEqual(digestOf('other'));
});
