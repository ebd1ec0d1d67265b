/** Small pictures of stored files, by HTTP over a snapshot, and the folder that keeps them. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { PreviewCache } from '../../src/serve/previews/preview-cache';
import { Previews } from '../../src/serve/previews/previews';
import { until } from '../helpers/until';
import { ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';
import { serveFolder, type ServedFolder } from './serve-folder';

let fixture: WarehouseFixture;
let served: ServedFolder;
const sha256s = new Map<string, string>();

/** A picture that no codec makes small. */
function noise(width: number, height: number): sharp.Sharp {
  const look = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return sharp({ create: { width, height, channels: 3, background: '#888', noise: look } });
}

const WIDE = { width: 1_200, height: 700 };

/** Files by their names: what they are said to be, and their bytes. */
async function files(): Promise<readonly (readonly [string, string | null, Buffer])[]> {
  const large = noise(WIDE.width, WIDE.height);
  return [
    ['large.jpg', 'jpeg', await large.clone().jpeg({ quality: 90 }).toBuffer()],
    ['small.jpg', 'jpeg', await noise(60, 40).jpeg().toBuffer()],
    ['scan.tiff', 'tiff', await large.clone().tiff().toBuffer()],
    ['damaged.png', 'png', Buffer.alloc(50_000, 7)],
    ['drawing.svg', null, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ];
}

beforeAll(async () => {
  fixture = new WarehouseFixture();
  const made = await files();
  const images = made.map(([name]) => ({ id: name, url: `http://h/${name}` }));
  await fixture.merge('r1', images);
  const lines = made.map(([name, format, bytes]) => {
    const relative = `raw/images/thumbs/abc/${name}`;
    fs.mkdirSync(path.dirname(fixture.path(relative)), { recursive: true });
    fs.writeFileSync(fixture.path(relative), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    sha256s.set(name, sha256);
    return ledgerLine({ id: name, path: relative, sha256, format, bytes: bytes.byteLength });
  });
  fixture.append('r1', lines);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
  served = await serveFolder(fixture.root);
}, 60_000);
afterAll(async () => {
  await served.close();
  fixture.remove();
});

function get(name: string, query = '', headers: Record<string, string> = {}): Promise<Response> {
  return served.get(`/preview/${sha256s.get(name) ?? name}${query}`, headers);
}

const kept = (): readonly string[] =>
  fs
    .readdirSync(fixture.path('previews'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.webp'));

async function sizeOf(response: Response): Promise<object> {
  const { width, height, format } = await sharp(await response.arrayBuffer()).metadata();
  return { width, height, format };
}

describe('a preview', () => {
  it('is as large as asked, made once, and kept by the browser for ever', async () => {
    const first = await get('large.jpg', '?size=320');
    expect(first.status).toBe(200);
    const [sha256 = ''] = [sha256s.get('large.jpg')];
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'image/webp',
      etag: `"${sha256}-320"`,
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox') as unknown,
    });
    expect(await sizeOf(first)).toEqual({ width: 320, height: 187, format: 'webp' });
    const file = fixture.path('previews', kept()[0] ?? '');
    const { mtimeMs } = fs.statSync(file);
    await Promise.all([get('large.jpg'), get('large.jpg')]);
    expect(fs.statSync(file).mtimeMs).toBe(mtimeMs);
    expect(await sizeOf(await get('large.jpg', '?size=640'))).toMatchObject({ width: 640 });
    const again = await get('large.jpg', '?size=320', { 'if-none-match': `"${sha256}-320"` });
    expect(again.status).toBe(304);
    expect((await get('large.jpg', '?size=33')).status).toBe(400);
  });

  it('of a small file is the file itself, of a TIFF a picture that browsers show', async () => {
    const small = await get('small.jpg');
    expect(await sizeOf(small)).toEqual({ width: 60, height: 40, format: 'jpeg' });
    const tiff = await get('scan.tiff');
    expect(await sizeOf(tiff)).toEqual({ width: 320, height: 187, format: 'webp' });
  });

  it('is what the page of a TIFF shows, with a link to the file', async () => {
    const page = await served.page('/image?id=scan.tiff');
    const sha256 = sha256s.get('scan.tiff') ?? '';
    expect(page).toContain(`src="/preview/${sha256}?size=640"`);
    expect(page).toContain(`href="/file/${sha256}"`);
    expect(await sizeOf(await get('scan.tiff', '?size=640'))).toMatchObject({ width: 640 });
    const drawing = await served.page('/image?id=drawing.svg');
    expect(drawing).not.toContain('<img');
    expect(drawing).toContain('Download the file');
  });

  it('and its file are sent in parts to a client that continues a download', async () => {
    const sha256 = sha256s.get('damaged.png') ?? '';
    const getPart = (range: string, headers: Readonly<Record<string, string>> = {}) =>
      served.get(`/file/${sha256}`, { range, ...headers });
    const whole = Buffer.from(await (await getPart('')).arrayBuffer());
    expect(whole).toHaveLength(50_000);
    const part = await getPart('bytes=2-5', { 'if-range': `"${sha256}"` });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 2-5/50000');
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(2, 6));
    expect((await getPart('bytes=50000-')).status).toBe(416);
    expect((await getPart('bytes=2-5', { 'if-range': '"another file"' })).status).toBe(200);
    const preview = await get('large.jpg', '', { range: 'bytes=0-3' });
    expect(await preview.text()).toBe('RIFF');
  });

  it('of bytes that cannot be decoded is the file where browsers may try, else there is none', async () => {
    const damaged = await get('damaged.png');
    expect(damaged.headers.get('content-type')).toBe('image/png');
    expect((await damaged.arrayBuffer()).byteLength).toBe(50_000);
    expect((await get('drawing.svg')).status).toBe(404);
    expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
  });

  it('has the name and the kind of its file beside it, for what cannot be shown', async () => {
    const answer = await served.get('/api/images');
    const { images } = (await answer.json()) as { images: readonly { file: string }[] };
    expect(images.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['scan.tiff (tiff)', 'drawing.svg']),
    );
  });

  it('is not needed: without its folder the file is sent', async () => {
    const blocked = fixture.path('blocked');
    fs.mkdirSync(blocked);
    fs.writeFileSync(path.join(blocked, 'previews'), 'a file where the folder should be');
    const previews = new Previews(blocked, 1_000_000);
    const file = fixture.path('raw/images/thumbs/abc/large.jpg');
    expect(await previews.open('ab'.repeat(32), 320, file)).toBeNull();
    await previews.close();
  });
});

it('the folder of the previews has a limit, beyond which the oldest go', async () => {
  const root = fixture.path('limited');
  const cache = new PreviewCache(root, 10_000);
  const add = async (n: number): Promise<void> => {
    const file = await cache.newFile();
    fs.writeFileSync(file, Buffer.alloc(1_000));
    fs.utimesSync(file, n, n);
    await cache.keep(file, cache.pathOf(`${n}`.padStart(64, '0'), 320), 1_000);
  };
  for (let n = 1; n <= 12; n += 1) await add(n);
  const numbers = (): readonly number[] =>
    fs
      .readdirSync(path.join(root, 'previews', '00'))
      .map((name) => Number(name.slice(0, 64)))
      .sort((a, b) => a - b);
  await until(() => numbers().length <= 10 && numbers(), { within: 10, saying: 'fewer previews' });
  expect(numbers()).not.toContain(1);
  expect(numbers()).toContain(12);
});
