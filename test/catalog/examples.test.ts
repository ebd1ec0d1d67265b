/**
 * Excerpts of real catalogs, counted by DuckDB's own reader, JSON.parse and `split`, not by our
 * parser: every record is taken, repeats one that is, or is listed as rejected.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ResolvedInput } from '../../src/contract/run-input';
import { DataRootFixture, query, tateCatalog } from './data-root-fixture';

/** The whole catalogs, where they are, instead of the excerpts. */
const EXAMPLES = process.env.CATALOG_EXAMPLES ?? path.join(__dirname, 'examples');

/** A record as the independent counter sees it: its id and its URLs, trimmed. */
interface Counted {
  readonly id: string;
  readonly urls: readonly string[];
}

interface Example {
  readonly title: string;
  readonly file: string;
  readonly input: Partial<ResolvedInput>;
  readonly count: (file: string) => Promise<readonly Counted[]> | readonly Counted[];
}

interface TacoImage {
  readonly id: number;
  readonly flickr_url: string | null;
}

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

function unpacked(file: string): string {
  return gunzipSync(readFileSync(file)).toString('utf8');
}

function linesOf(file: string): readonly string[] {
  return unpacked(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** By DuckDB, with every value as text. */
async function rowsOfCsv(
  file: string,
  id: string,
  url: string,
  options = '',
): Promise<readonly Counted[]> {
  const rows = await query(
    `SELECT "${id}" AS id, "${url}" AS url FROM read_csv('${file}', all_varchar = true, delim = ',', quote = '"', escape = '"', parallel = false, strict_mode = false ${options})`,
  );
  return rows.map((row) => counted(row.id, row.url));
}

function counted(id: unknown, ...urls: readonly unknown[]): Counted {
  const texts = urls.flatMap((url) => (typeof url === 'string' ? url.trim() : []));
  const text = typeof id === 'number' ? String(id) : typeof id === 'string' ? id : '';
  return { id: text, urls: texts.filter((url) => url !== '') };
}

const examples: readonly Example[] = [
  {
    title: 'the Tate',
    file: tateCatalog,
    input: { format: 'csv', columns: { id: 'id', url: 'thumbnailUrl' } },
    count: (file) => rowsOfCsv(file, 'id', 'thumbnailUrl'),
  },
  {
    title: 'the Tate, several images per accession',
    file: 'tate_raw_sample.jsonl.gz',
    input: { format: 'ndjson', columns: { id: 'acno', url: 'thumbnailUrl' }, many: true },
    count: (file) =>
      linesOf(file).map((line) => {
        const { acno, thumbnailUrl } = JSON.parse(line) as Readonly<Record<string, unknown>>;
        return counted(acno, thumbnailUrl);
      }),
  },
  {
    title: "the National Gallery of Art's media, one image per id",
    file: 'nga_media_items.csv.gz',
    input: { format: 'csv', columns: { id: 'mediaid', url: 'imageurl' } },
    count: (file) => rowsOfCsv(file, 'mediaid', 'imageurl'),
  },
  {
    title: "the National Gallery of Art's media, by kind",
    file: 'nga_media_items.csv.gz',
    input: { format: 'csv', columns: { id: 'mediatype', url: 'imageurl' } },
    count: (file) => rowsOfCsv(file, 'mediatype', 'imageurl'),
  },
  {
    title: "the National Gallery of Art's media, many images per kind",
    file: 'nga_media_items.csv.gz',
    input: { format: 'csv', columns: { id: 'mediatype', url: 'imageurl' }, many: true },
    count: (file) => rowsOfCsv(file, 'mediatype', 'imageurl'),
  },
  {
    title: 'COCO, with its images under a key',
    file: 'taco_coco.json.gz',
    input: { format: 'json', records: 'images', columns: { id: 'id', url: 'flickr_url' } },
    count: (file) => {
      const { images } = JSON.parse(unpacked(file)) as { readonly images: readonly TacoImage[] };
      return images.map(({ id, flickr_url }) => counted(id, flickr_url));
    },
  },
  {
    title: 'a list of URLs',
    file: 'url_list.txt.gz',
    input: { format: 'txt' },
    count: (file) => linesOf(file).map((line) => counted(sha256(line.trim()).slice(0, 32), line)),
  },
  {
    title: 'a Parquet of URLs and captions',
    file: 'laion_shape.parquet',
    input: { format: 'parquet', columns: { id: 'id', url: 'URL' }, idFrom: 'url' },
    count: async (file) => {
      const rows = await query(`SELECT "URL" AS url FROM read_parquet('${file}')`);
      return rows.map(({ url }) => counted(sha256(String(url).trim()).slice(0, 32), url));
    },
  },
  {
    title: 'two columns without a header',
    file: 'taco_image_urls_no_header.csv.gz',
    input: { format: 'csv', header: false, idFrom: 'record', columns: { id: 'id', url: '2' } },
    count: (file) =>
      linesOf(file).map((line, index) => counted(index + 1, line.trim().split(',')[1])),
  },
];

/**
 * What must become of the records: rows by image id, and how many repeat another or conflict with
 * it.
 */
function expected(records: readonly Counted[], many: boolean) {
  const urls = new Map<string, string | null>();
  const counts = { rows: 0, rejected: 0, duplicates: 0 };
  const rejected = new Set<string>();
  const withUrls = records.flatMap(({ id, urls: found }) => found.map((url) => ({ id, url })));
  const without = records.filter((record) => record.urls.length === 0);
  for (const { id, url } of withUrls) {
    counts.rows += 1;
    const image = many ? `${id}#${sha256(url).slice(0, 8)}` : id;
    const kept = urls.get(image);
    if (id.trim() === '') counts.rejected += 1;
    else if (kept === undefined) urls.set(image, url);
    else if (kept === url) counts.duplicates += 1;
    else rejected.add(JSON.stringify([image, url]));
  }
  for (const { id } of without) {
    counts.rows += 1;
    if (id.trim() === '') counts.rejected += 1;
    else if (urls.has(id)) counts.duplicates += 1;
    else urls.set(id, null);
  }
  return { urls, counts, conflicts: rejected };
}

it.each(examples)('$title: every record is accounted for', async ({ file, input, count }) => {
  const source = path.resolve(EXAMPLES, file);
  const name = `catalogs/${path.basename(file)}`;
  fixture.write(path.basename(file), readFileSync(source));
  const result = await fixture.parse(name, input);
  const { urls, counts, conflicts } = expected(await count(source), input.many === true);

  expect(counts.rows).toBeGreaterThan(100);
  expect(result).toMatchObject({ rows: counts.rows, images: urls.size });
  expect(result.rows).toBe(result.images + result.rejected + result.duplicates);
  const rows = await fixture.rows();
  expect(new Map(rows.map((row) => [row.source_image_id, row.thumb_url]))).toEqual(urls);
  // Conflicts that are equal in every column are one reject and duplicates of it.
  const rejects = fixture.rejects();
  expect(result.rejected).toBe(rejects.length);
  expect(rejects.filter(({ code }) => code === 'bad_id')).toHaveLength(counts.rejected);
  expect(result.rejected).toBeGreaterThanOrEqual(counts.rejected + conflicts.size);
  expect(result.duplicates).toBeGreaterThanOrEqual(counts.duplicates);
});
