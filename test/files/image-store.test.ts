/** Final files are never overwritten. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PathConflict, linkImage, storeImage } from '../../src/files/image-store';
import { openLedger } from '../../src/files/ledger-writer';
import { createTempFile } from '../../src/files/temp-file';
import { sweepTempFiles } from '../../src/files/temp-names';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-store-'));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const read = (relative: string): Buffer => fs.readFileSync(path.join(root, relative));

function store(id: string, bytes: Buffer): string {
  const temp = createTempFile({ root, execution: 'ab' });
  temp.write(bytes);
  temp.close();
  return storeImage({ root, tempPath: temp.path, id, sha256: sha256(bytes), extension: 'jpg' });
}

describe('storing', () => {
  const bytes = Buffer.from('the bytes of an image');

  it('leaves one file, readable by all, and no temporary one', () => {
    const file = store('a', bytes);
    expect(read(file)).toEqual(bytes);
    expect(fs.statSync(path.join(root, file)).mode & 0o777).toBe(0o644);
    expect(fs.statSync(path.join(root, file)).nlink).toBe(1);
    expect(fs.readdirSync(path.join(root, 'tmp'))).toEqual([]);
  });

  it('the same bytes again touches nothing', () => {
    const file = store('a', bytes);
    const before = fs.statSync(path.join(root, file));
    expect(store('a', bytes)).toBe(file);
    const after = fs.statSync(path.join(root, file));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('other bytes of the same id stand beside the former', () => {
    const former = store('a', bytes);
    const latter = store('a', Buffer.from('other bytes'));
    expect(latter).not.toBe(former);
    expect(read(former)).toEqual(bytes);
  });

  it('a damaged file under its name is kept aside, not lost', () => {
    const file = store('a', bytes);
    fs.writeFileSync(path.join(root, file), 'damaged');
    expect(store('a', bytes)).toBe(file);
    expect(read(file)).toEqual(bytes);
    const aside = fs.readdirSync(path.join(root, 'quarantine'));
    expect(aside).toHaveLength(1);
    expect(fs.readFileSync(path.join(root, 'quarantine', aside[0] ?? ''), 'utf8')).toBe('damaged');
  });

  it('a planted link is not followed', () => {
    const file = path.join(root, store('a', bytes));
    const victim = path.join(root, 'victim');
    fs.writeFileSync(victim, 'precious');
    fs.rmSync(file);
    fs.symlinkSync(victim, file);
    store('a', bytes);
    expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(false);
  });

  it('a folder in its place is one image’s conflict', () => {
    const file = path.join(root, store('a', bytes));
    fs.rmSync(file);
    fs.mkdirSync(file);
    expect(() => store('a', bytes)).toThrow(PathConflict);
  });

  it('a further id of the same bytes gets a file of its own', () => {
    const from = store('a', bytes);
    const { path: other } = linkImage({ root, from, id: 'b', sha256: sha256(bytes), extension: 'jpg' });
    expect(other).not.toBe(from);
    expect(read(other)).toEqual(bytes);
    fs.rmSync(path.join(root, from));
    expect(read(other)).toEqual(bytes);
  });
});

describe('whatever the umask', () => {
  it.each([0o000, 0o027, 0o077])(
    '%i: files are 0644, folders 0755, temporary files 0600',
    (mask) => {
      const before = process.umask(mask);
      try {
        const temp = createTempFile({ root, execution: 'ab' });
        expect(fs.statSync(temp.path).mode & 0o777 & ~0o600).toBe(0);
        temp.discard();
        const file = path.join(root, store('a', Buffer.from('bytes')));
        expect(fs.statSync(file).mode & 0o7777).toBe(0o644);
        for (let folder = path.dirname(file); folder !== root; folder = path.dirname(folder))
          expect(fs.statSync(folder).mode & 0o777).toBe(0o755);
      } finally {
        process.umask(before);
      }
    },
  );
});

describe('a planted link', () => {
  it('in place of a shard’s folder is that image’s conflict: nothing is written outside', () => {
    const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-outside-'));
    try {
      const folder = path.dirname(path.join(root, store('a', Buffer.from('bytes'))));
      fs.rmSync(folder, { recursive: true });
      fs.symlinkSync(outside, folder);
      expect(() => store('a', Buffer.from('bytes'))).toThrow(PathConflict);
      expect(fs.readdirSync(outside)).toEqual([]);
    } finally {
      fs.rmSync(outside, { recursive: true });
    }
  });
});

describe('temporary files', () => {
  it('of ended executions and dead processes are swept, those of living ones and of others are not', () => {
    const ended = createTempFile({ root, execution: 'ended' });
    const live = createTempFile({ root, execution: 'live' });
    openLedger({ root, runId: 'r', lane: 'l000001', execution: 'ended' }).close();
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

  it('are made anew when somebody removed their folder', () => {
    createTempFile({ root, execution: 'a' }).discard();
    fs.rmSync(path.join(root, 'tmp'), { recursive: true });
    createTempFile({ root, execution: 'a' }).discard();
  });
});
