/**
 * The image store: final names, links, quarantine, file modes, and the sweep of temporary files.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { imagePath } from '../../../src/files/image-store/image-name';
import type { PlacedName } from '../../../src/files/image-store/flush-group';
import { holdImageStore, type GroupMember } from '../../../src/files/image-store/image-store';
import { openLedger } from '../../../src/files/ledger/ledger-writer';
import { createTempFile, type TempFile } from '../../../src/files/temp-file';
import { sweepTempFiles } from '../../../src/files/temp-names';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-store-'));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const read = (relative: string): Buffer => fs.readFileSync(path.join(root, relative));

const DESCRIPTORS = 20_000;

/** Stores one name with a store that is closed afterwards, and returns the result for this name. */
async function placeOne(
  source: GroupMember['source'],
  id: string,
  bytes: Buffer,
): Promise<PlacedName> {
  const store = holdImageStore(root, DESCRIPTORS);
  const naming = { id, sha256: sha256Of(bytes), extension: 'jpg' };
  const names = [{ relative: imagePath(naming), sha256: naming.sha256 }];
  const { durable } = await store.groups.join(
    { source, names, bytes: bytes.length },
    { isUrgent: true },
  );
  const [placed] = (await durable.finally(store.release)).names;
  if (placed === undefined) throw new Error('the store returned no name');
  return placed;
}

function writeTemp(bytes: Buffer): TempFile {
  const temp = createTempFile({ root, execution: 'ab' });
  temp.write(bytes);
  temp.close();
  return temp;
}

async function storeImage(id: string, bytes: Buffer): Promise<string> {
  const placed = await placeOne(writeTemp(bytes), id, bytes);
  if (placed.kind === 'conflict') throw new Error(placed.detail);
  return placed.relative;
}

async function conflictOf(id: string, bytes: Buffer): Promise<boolean> {
  const temp = writeTemp(bytes);
  const { kind } = await placeOne(temp, id, bytes);
  // If no name was created, the temporary file still belongs to the caller.
  expect(fs.existsSync(temp.path)).toBe(kind === 'conflict');
  temp.discard();
  return kind === 'conflict';
}

describe('storing an image', () => {
  const bytes = Buffer.from('the bytes of an image');

  it('leaves one file with the mode 0644 and no temporary file', async () => {
    const file = await storeImage('a', bytes);
    expect(read(file)).toEqual(bytes);
    expect(fs.statSync(path.join(root, file)).mode & 0o777).toBe(0o644);
    expect(fs.statSync(path.join(root, file)).nlink).toBe(1);
    expect(fs.readdirSync(path.join(root, 'tmp'))).toEqual([]);
  });

  it('with the same bytes again changes nothing', async () => {
    const file = await storeImage('a', bytes);
    const before = fs.statSync(path.join(root, file));
    expect(await storeImage('a', bytes)).toBe(file);
    const after = fs.statSync(path.join(root, file));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('with other bytes for the same id keeps the former file', async () => {
    const former = await storeImage('a', bytes);
    const latest = await storeImage('a', Buffer.from('other bytes'));
    expect(latest).not.toBe(former);
    expect(read(former)).toEqual(bytes);
  });

  it('moves a damaged file that has its name to quarantine', async () => {
    const file = await storeImage('a', bytes);
    fs.writeFileSync(path.join(root, file), 'damaged');
    expect(await storeImage('a', bytes)).toBe(file);
    expect(read(file)).toEqual(bytes);
    const aside = fs.readdirSync(path.join(root, 'quarantine'));
    expect(aside).toHaveLength(1);
    expect(fs.readFileSync(path.join(root, 'quarantine', aside[0] ?? ''), 'utf8')).toBe('damaged');
  });

  it('does not follow a planted link', async () => {
    const file = path.join(root, await storeImage('a', bytes));
    const victim = path.join(root, 'victim');
    fs.writeFileSync(victim, 'precious');
    fs.rmSync(file);
    fs.symlinkSync(victim, file);
    await storeImage('a', bytes);
    expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(false);
  });

  it('reports a folder that has its name as a conflict of that image', async () => {
    const file = path.join(root, await storeImage('a', bytes));
    fs.rmSync(file);
    fs.mkdirSync(file);
    expect(await conflictOf('a', bytes)).toBe(true);
  });

  it('gives a further id of the same bytes a name of its own', async () => {
    const from = await storeImage('a', bytes);
    const placed = await placeOne({ relative: from }, 'b', bytes);
    const other = placed.kind === 'placed' ? placed.relative : '';
    expect(other).not.toBe(from);
    expect(read(other)).toEqual(bytes);
    fs.rmSync(path.join(root, from));
    expect(read(other)).toEqual(bytes);
  });
});

describe('a store in a process with any umask', () => {
  it.each(['000', '027', '077'])(
    'creates files with the mode 0644 and folders with 0755 (umask %s)',
    (mask) => {
      const built = (file: string): string => JSON.stringify(path.resolve('dist/files', file));
      const relative = 'raw/images/thumbs/abc/a.0123456789ab.jpg';
      const script = `
      const { holdImageStore } = require(${built('image-store/image-store.js')});
      const store = holdImageStore(${JSON.stringify(root)}, 20000);
      const source = store.createTemp('ab');
      source.write(Buffer.from('bytes'));
      source.close();
      const names = [{ relative: ${JSON.stringify(relative)}, sha256: '' }];
      store.groups.join({ source, names, bytes: 5 }, { isUrgent: true }).then(({ durable }) => durable).then(store.release);`;
      const env = { ...process.env, SCRIPT: script };
      const command = `umask ${mask}; exec ${process.execPath} -e "$SCRIPT"`;
      expect(spawnSync('bash', ['-c', command], { env }).stderr.toString()).toBe('');
      const file = path.join(root, relative);
      expect(fs.statSync(file).mode & 0o7777).toBe(0o644);
      for (let folder = path.dirname(file); folder !== root; folder = path.dirname(folder))
        expect(fs.statSync(folder).mode & 0o777).toBe(0o755);
    },
  );
});

describe('a link planted as the folder of a shard', () => {
  it('is a conflict of that image, and nothing is written outside the data root', async () => {
    const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-outside-'));
    try {
      const folder = path.dirname(path.join(root, await storeImage('a', Buffer.from('bytes'))));
      fs.rmSync(folder, { recursive: true });
      fs.symlinkSync(outside, folder);
      expect(await conflictOf('a', Buffer.from('bytes'))).toBe(true);
      expect(fs.readdirSync(outside)).toEqual([]);
    } finally {
      fs.rmSync(outside, { recursive: true });
    }
  });
});

describe('temporary files', () => {
  it('are swept if they belong to ended attempts or dead processes, and no others', async () => {
    const ended = createTempFile({ root, execution: 'ended' });
    const live = createTempFile({ root, execution: 'live' });
    for (const temp of [ended, live]) temp.writeOut();
    await openLedger({ root, runId: 'r', lane: 'l000001', execution: 'ended' }).close();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const mine = path.basename(live.path);
    const dead = path.join(root, 'tmp', mine.replace(`-${process.pid}-`, `-${pid}-`));
    const other = path.join(root, 'tmp', 'notes.txt');
    for (const file of [dead, other]) fs.writeFileSync(file, '');
    expect(sweepTempFiles({ root, runId: 'r' })).toBe(2);
    expect([ended.path, live.path, dead, other].map((file) => fs.existsSync(file))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    ended.discard();
    live.discard();
  });

  it('are created again after an operator removed their folder', async () => {
    await storeImage('a', Buffer.from('bytes'));
    fs.rmSync(path.join(root, 'tmp'), { recursive: true });
    await storeImage('b', Buffer.from('bytes'));
    fs.rmSync(path.join(root, 'tmp'), { recursive: true });
    const temp = createTempFile({ root, execution: 'a' });
    temp.writeOut();
    expect(fs.existsSync(temp.path)).toBe(true);
    temp.discard();
    expect(fs.existsSync(temp.path)).toBe(false);
  });
});
