/** The groups of a snapshot with planted copies, against their definition in SQL. */
import { existsSync, readdirSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ClusterResult } from '../../src/clusters/cluster-job';
import { findClusters } from '../../src/clusters/find-clusters';
import type { FeatureLine } from '../../src/contract/features/feature';
import { sha256OfFile } from '../../src/files/sha256-of-file';
import { createRandom, type Random } from '../images/random';
import { appendFeatures, computed, sha256, VALUES } from '../warehouse/feature-lines';
import { ledgerLine, urlHash, WarehouseFixture } from '../warehouse/warehouse-fixture';
import { makeHashes } from './hash-fixtures';

const FILES = 300;
const DATABASE = { memory: '500MB', threads: 2 };

type Row = Readonly<Record<string, unknown>>;

let fixture: WarehouseFixture;
let result: ClusterResult;

const name = (file: number): string => `f${String(file).padStart(3, '0')}`;

/** The features of file `n`: planted hashes, and a look near to one of a few. */
function featuresOf(random: Random): readonly FeatureLine[] {
  const set = makeHashes(random, 150, FILES - 150);
  const word = (value: number | undefined): string => (value ?? 0).toString(16).padStart(8, '0');
  return Array.from({ length: FILES }, (_, n) => {
    const look = Int8Array.from({ length: 64 }, (_, at) => ((n % 5) * 40 + at + random(9)) % 128);
    const pdq = Array.from({ length: 8 }, (_, at) => word(set.pdq[8 * n + 7 - at]));
    return computed(name(n), {
      values: {
        ...VALUES,
        phash: word(set.high[n]) + word(set.low[n]),
        pdq: pdq.join(''),
        pdqQuality: n % 7 === 0 ? 49 : 50 + random(51),
        colour: n % 2 === 0 ? 'red' : 'green',
        look: Buffer.from(look.buffer).toString('base64'),
      },
    });
  });
}

/**
 * Every image has a file of its own but for: each 10th file, which two more images have, one of
 * these under its own URL; and each 50th, whose features are not known.
 */
beforeAll(async () => {
  fixture = new WarehouseFixture();
  const random = createRandom(64);
  const images = Array.from({ length: FILES }, (_, n) => {
    const id = name(n);
    const own = { id, file: id, url: `http://h/${id}`, width: 10 + random(4) };
    if (n % 10 !== 0) return [own];
    return [own, { ...own, id: `${id}_link` }, { ...own, id: `${id}_copy`, url: `${own.url}/2` }];
  }).flat();
  await fixture.merge(
    'r1',
    images.map(({ id, url }) => ({ id, url })),
  );
  fixture.append(
    'r1',
    images.map(({ id, url, file, width }) =>
      ledgerLine({
        ...{ id, urlHash: urlHash(url), sha256: sha256(file), width, height: 10, bytes: 1_000 },
      }),
    ),
  );
  const lines = featuresOf(random).filter((_, n) => n % 50 !== 0);
  appendFeatures(fixture.root, 'r1', lines);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: 'r1' });
  await publish();
  result = await find('one');
});
afterAll(() => {
  fixture.remove();
});

async function publish(): Promise<void> {
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
}

const target = (file: string): string => fixture.path('tmp', `${file}.duckdb`);

function find(file: string, runId = 'r1'): Promise<ClusterResult> {
  const options = { dataRoot: fixture.root, runId, database: DATABASE };
  return findClusters({ ...options, target: target(file) });
}

/** Asks the snapshot and the file with the groups, as JSON values. */
async function ask(sql: string, file = 'one'): Promise<readonly Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`ATTACH '${fixture.path('warehouse.snapshot.duckdb')}' AS s (READ_ONLY)`);
  await connection.run(`ATTACH '${target(file)}' AS d (READ_ONLY)`);
  await connection.run("SET search_path = 'd.main,s.main'");
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/**
 * In the order of files, each that is near to none of the representatives so far becomes one, and
 * each other file belongs to the first representative to which it is near.
 */
const NEAR = `
  WITH RECURSIVE file AS (
    SELECT row_number() OVER (ORDER BY width DESC, sha256) AS place, *
    FROM (
      SELECT thumb_sha256 AS sha256, max(thumb_width) AS width, count(*) AS images,
        count(DISTINCT thumb_url_hash) AS urls
      FROM image GROUP BY ALL
    )
    JOIN feature USING (sha256)
    WHERE pdq_quality >= 50
  ),
  pair AS (
    SELECT a.place AS one, b.place AS other
    FROM file a, file b
    WHERE a.place < b.place AND bit_count(xor(a.phash, b.phash)) <= 7
      AND bit_count(xor(a.pdq_0, b.pdq_0)) + bit_count(xor(a.pdq_1, b.pdq_1))
        + bit_count(xor(a.pdq_2, b.pdq_2)) + bit_count(xor(a.pdq_3, b.pdq_3)) <= 31
  ),
  step AS (
    SELECT 0 AS place, []::BIGINT[] AS representatives
    UNION ALL
    SELECT place + 1, CASE
      WHEN EXISTS (FROM pair WHERE other = place + 1 AND list_contains(representatives, one))
      THEN representatives ELSE list_append(representatives, place + 1) END
    FROM step
    WHERE place < (SELECT count(*) FROM file)
  ),
  representative AS (SELECT unnest(arg_max(representatives, place)) AS place FROM step),
  grouped AS (
    SELECT other AS place, min(one) AS representative
    FROM pair
    WHERE one IN (FROM representative) AND other NOT IN (FROM representative)
    GROUP BY other
  )
  SELECT left(r.sha256, 16) AS id, list_sort(list(f.sha256)) AS files,
    sum(f.images)::INTEGER + any_value(r.images)::INTEGER AS size,
    (sum(f.urls) + any_value(r.urls) - 1)::INTEGER * 1_000 AS wasted
  FROM grouped
  JOIN file f USING (place)
  JOIN file r ON r.place = grouped.representative
  GROUP BY r.sha256
  ORDER BY id`;

describe('groups of images', () => {
  it('of near duplicates are those of their definition in SQL', async () => {
    const found = await ask(
      `SELECT c.cluster_id AS id, list_sort(list(DISTINCT m.sha256)) AS files, any_value(c.size) AS size,
         any_value(c.wasted_bytes)::INTEGER AS wasted
       FROM cluster c
       JOIN cluster_member m ON m.kind = c.kind AND m.cluster_id = c.cluster_id AND m.sha256 <> c.representative_sha256
       WHERE c.kind = 'near'
       GROUP BY c.cluster_id ORDER BY id`,
    );
    expect(found).toEqual(await ask(NEAR));
    expect(found.length).toBeGreaterThan(20);
    expect(result.counts).toMatchObject({ nearGroups: found.length });
  });

  it('say how far each member is from the representative, which is one image', async () => {
    const wrong = await ask(
      `SELECT m.* FROM cluster_member m
       JOIN cluster c ON c.kind = m.kind AND c.cluster_id = m.cluster_id
       JOIN feature f ON f.sha256 = m.sha256
       JOIN feature r ON r.sha256 = c.representative_sha256
       WHERE m.kind = 'near' AND m.distance <> bit_count(xor(f.phash, r.phash))
         OR m.distance > c.max_distance
         OR m.is_representative <> (m.source_image_id = c.representative_image_id)`,
    );
    expect(wrong).toEqual([]);
    const sizes = await ask(
      `SELECT c.* FROM cluster c
       LEFT JOIN (SELECT kind, cluster_id, count(*) AS members, count(DISTINCT sha256) AS files,
           count_if(is_representative) AS representatives FROM cluster_member GROUP BY ALL) m
         USING (kind, cluster_id)
       WHERE (members, m.files, representatives) IS DISTINCT FROM (size, c.files, 1)
         AND NOT (kind = 'visual' AND parent_id IS NULL)`,
    );
    expect(sizes).toEqual([]);
  });

  it('of exact copies waste the bytes of all URLs but one, because equal URLs are hard links', async () => {
    const found = await ask(
      `SELECT DISTINCT size, files, max_distance, wasted_bytes::INTEGER AS wasted,
         representative_image_id SIMILAR TO 'f\\d\\d0' AS is_first
       FROM cluster WHERE kind = 'exact'`,
    );
    expect(found).toEqual([{ size: 3, files: 1, max_distance: 0, wasted: 1_000, is_first: true }]);
    expect(result.counts).toMatchObject({ exactGroups: FILES / 10, exactCopies: FILES / 5 });
  });

  it('of images that look alike have parts, with a label and the most typical member', async () => {
    const [found] = await ask(
      `SELECT count(*) FILTER (parent_id IS NULL)::INT AS groups, count(parent_id)::INT AS parts,
         bool_and(label IN ('red', 'green')) AS labelled,
         sum(files) FILTER (parent_id IS NULL)::INT AS files, sum(files) FILTER (parent_id IS NOT NULL)::INT AS again
       FROM cluster WHERE kind = 'visual'`,
    );
    expect(found).toMatchObject({ labelled: true, files: FILES - 6, again: FILES - 6 });
    expect(found?.groups).toBeGreaterThan(3);
    expect(result.counts.visualGroups).toBe(found?.parts);
    const strangers = await ask(
      `SELECT cluster_id FROM cluster c WHERE kind = 'visual' AND parent_id IS NOT NULL
         AND parent_id NOT IN (SELECT cluster_id FROM cluster WHERE kind = 'visual' AND parent_id IS NULL)`,
    );
    expect(strangers).toEqual([]);
  });

  it('leave out files that are too plain, and those without features, and count both', async () => {
    expect(result.counts).toMatchObject({ compared: FILES - 6, notCompared: 6 });
    const [plain] = await ask(
      `SELECT count(*)::INT AS files FROM feature WHERE pdq_quality < 50
         AND sha256 NOT IN (SELECT sha256 FROM cluster_member WHERE kind = 'near')`,
    );
    expect(result.counts.tooPlain).toBe(plain?.files);
    expect(result.counts.tooPlain).toBeGreaterThan(30);
  });

  it('are the same when they are found once more', async () => {
    await find('again', 'r2');
    for (const table of ['cluster', 'cluster_member'])
      expect(await ask(`FROM ${table}`, 'again')).toEqual(await ask(`FROM ${table}`));
  });

  it('are found once for the same files and features', async () => {
    const derived = {
      kind: 'clusters',
      path: 'tmp/one.duckdb',
      sha256: await sha256OfFile(target('one')),
    } as const;
    const rest = { warehouseId: 'w', record: null, materialise: true };
    await fixture.warehouse.publishSnapshot({ ...rest, derived: [derived] });
    expect(await find('third')).toEqual({ isWritten: false, counts: result.counts });
    expect(existsSync(target('third'))).toBe(false);
    appendFeatures(fixture.root, 'r1', [computed(name(0), { execution: 'e2' })]);
    await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: 'r1' });
    await publish();
    const { isWritten, counts } = await find('third');
    expect({ isWritten, notCompared: counts.notCompared }).toEqual({
      isWritten: true,
      notCompared: 5,
    });
    expect(readdirSync(fixture.path('tmp')).sort()).toEqual(['again.duckdb', 'third.duckdb']);
  });
});
