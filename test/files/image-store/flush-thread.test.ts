/** The thread that stores images. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StepError } from '../../../src/contract/errors';
import type { PendingMember } from '../../../src/files/image-store/flush-group';
import { flushThread } from '../../../src/files/image-store/flush-thread';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-thread-'));
});
afterEach(() => {
  flushThread.closeStore(root);
  fs.rmSync(root, { recursive: true });
});

const BYTES = Buffer.from('the bytes of an image');

function member(name: string): PendingMember {
  const source = { path: path.join(root, 'tmp', `${name}.part`), content: BYTES, descriptor: null };
  const relative = `raw/images/thumbs/abc/${name}.0123456789ab.jpg`;
  return { source, names: [{ relative, sha256: '0'.repeat(64) }] };
}

/** The file that a descriptor of this process leads to. The number may have been given again. */
function targetOf(descriptor: number): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

it('stores the bodies that are in memory, and takes over the descriptors of files', async () => {
  const written = path.join(root, 'written.part');
  fs.writeFileSync(written, BYTES);
  const descriptor = fs.openSync(written, 'r+');
  const large = member('large');
  const members = [
    member('small'),
    { ...large, source: { path: written, content: null, descriptor } },
  ];
  const placed = await flushThread.flush({ root, maxOpenFolders: 10 }, members);
  for (const { names } of placed) {
    const [name] = names;
    if (name?.kind !== 'placed') throw new Error('not placed');
    expect(fs.readFileSync(path.join(root, name.relative))).toEqual(BYTES);
  }
  expect(targetOf(descriptor)).not.toContain(written);
  expect(fs.existsSync(written)).toBe(false);
  expect(fs.readdirSync(path.join(root, 'tmp'))).toEqual([]);
});

it('reports an error of the disk as the step error that it is', async () => {
  fs.writeFileSync(path.join(root, 'tmp'), 'a file in the place of the folder');
  const flushing = flushThread.flush({ root, maxOpenFolders: 10 }, [member('a')]);
  await expect(flushing).rejects.toBeInstanceOf(StepError);
  await expect(flushing).rejects.toMatchObject({ code: 'disk_readonly', retryable: false });
});

it('stores a group although one that came before it failed', async () => {
  const taken = path.join(root, 'raw/images/thumbs/abc');
  fs.mkdirSync(path.dirname(taken), { recursive: true });
  const options = { root, maxOpenFolders: 10 };
  const absent: PendingMember = { ...member('a'), source: { relative: 'raw/absent.jpg' } };
  const [first, second] = await Promise.allSettled([
    flushThread.flush(options, [absent]),
    flushThread.flush(options, [member('b'), member('c')]),
  ]);
  expect(first).toMatchObject({ status: 'rejected' });
  expect(second).toMatchObject({ status: 'fulfilled' });
  expect(fs.readdirSync(taken).sort()).toEqual(['b.0123456789ab.jpg', 'c.0123456789ab.jpg']);
});

it('fails the groups that wait when it ends, and the next group starts a new thread', async () => {
  const broken = { root: undefined as unknown as string, maxOpenFolders: 10 };
  await expect(flushThread.flush(broken, [])).rejects.toThrow(
    'the thread that stores images ended',
  );
  const [placed] = await flushThread.flush({ root, maxOpenFolders: 10 }, [member('a')]);
  expect(placed?.names).toMatchObject([{ kind: 'placed' }]);
});

it.each([
  ['has stored nothing', ''],
  [
    'has stored an image',
    'await store.groups.join({ source, names, bytes: 5 }, { isUrgent: true });',
  ],
])('the thread that stores images does not keep alive a process that %s', (_what, storing) => {
  const built = path.join(__dirname, '../../../dist/files/image-store/image-store.js');
  const program = `
    const { holdImageStore } = require(${JSON.stringify(built)});
    (async () => {
      const store = holdImageStore(${JSON.stringify(root)}, 20000);
      const source = store.createTemp('ab');
      source.write(Buffer.from('bytes'));
      source.close();
      const names = [{ relative: 'raw/images/thumbs/abc/a.0123456789ab.jpg', sha256: '' }];
      ${storing}
      store.release();
    })();`;
  const { status, signal } = spawnSync(process.execPath, ['-e', program], { timeout: 60_000 });
  expect({ status, signal }).toEqual({ status: 0, signal: null });
});
