/** Which files `serve` opens. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openStoredFile, shownType } from '../../src/serve/files/stored-file';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-stored-file-'));
  fs.mkdirSync(path.join(root, 'raw/images/thumbs/abc'), { recursive: true });
  fs.writeFileSync(path.join(root, 'raw/images/thumbs/abc/a.jpg'), 'picture');
  fs.writeFileSync(path.join(root, 'artemis.json'), 'picture');
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

const inThumbs = (...parts: readonly string[]): string =>
  path.join(root, 'raw/images/thumbs', ...parts);

/** Opens a file and returns its content. */
async function read(relative: string, bytes: number | null = 7): Promise<string> {
  const known = { sha256: 'aa', path: relative, format: 'jpeg', bytes };
  const { handle } = await openStoredFile(root, known);
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

describe('the file of an image', () => {
  it('is opened in the folder of the images', async () => {
    expect(await read('raw/images/thumbs/abc/a.jpg')).toBe('picture');
    expect(await read('raw/images/thumbs/abc/a.jpg', null)).toBe('picture');
  });

  it.each([
    'artemis.json',
    'raw/images/thumbs/../../../artemis.json',
    'raw/images/thumbs',
    '../artemis.json',
    '/etc/passwd',
    '//etc/passwd',
    '',
    'raw/images/thumbs/abc/a.jpg\0',
  ])('is not opened elsewhere: %j', async (relative) => {
    await expect(read(relative, null)).rejects.toMatchObject({ status: 404 });
  });

  it('is not opened through a link, whether the file or a folder is one', async () => {
    fs.symlinkSync(path.join(root, 'artemis.json'), inThumbs('abc/link.jpg'));
    await expect(read('raw/images/thumbs/abc/link.jpg')).rejects.toMatchObject({ status: 404 });
    fs.symlinkSync(inThumbs('abc'), inThumbs('def'));
    await expect(read('raw/images/thumbs/def/a.jpg')).rejects.toMatchObject({ status: 404 });
  });

  it('is not opened when it is a folder, a named pipe, or of another size', async () => {
    execFileSync('mkfifo', [inThumbs('abc/pipe.jpg')]);
    for (const relative of ['raw/images/thumbs/abc', 'raw/images/thumbs/abc/pipe.jpg'])
      await expect(read(relative, null)).rejects.toMatchObject({ status: 404 });
    await expect(read('raw/images/thumbs/abc/a.jpg', 8)).rejects.toMatchObject({ status: 404 });
  });

  it('is found when the data root itself is a link', async () => {
    const link = `${root}-link`;
    fs.symlinkSync(root, link);
    try {
      const known = { sha256: 'aa', path: 'raw/images/thumbs/abc/a.jpg', format: null, bytes: 7 };
      const { handle, size } = await openStoredFile(link, known);
      await handle.close();
      expect(size).toBe(7);
    } finally {
      fs.rmSync(link);
    }
  });
});

it('only known kinds of images are shown: an SVG, a PDF or an unknown file is not', () => {
  expect(['jpeg', 'png', 'svg', 'pdf', 'constructor', null].map(shownType)).toEqual([
    'image/jpeg',
    'image/png',
    null,
    null,
    null,
    null,
  ]);
});
