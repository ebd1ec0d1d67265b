/** What the publication at the end of a run finds: placeholders, and the commonest details. */
import type { LedgerLine } from '../../../src/contract/outcome';
import type { PublishSnapshotResult } from '../../../src/contract/payloads';
import { placeholdersQuery } from '../../../src/contract/placeholders';
import { ledgerLine, urlHash, WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeAll(() => {
  fixture = new WarehouseFixture();
});
afterAll(() => {
  fixture.remove();
});

interface Stored {
  readonly host: string;
  readonly count: number;
  /** Null for a file of its own for each image. */
  readonly sha256: string | null;
  /** True when all of them have one URL. */
  readonly isOneUrl?: boolean;
}

const STORED: readonly Stored[] = [
  { host: 'A.example', count: 10, sha256: 'none' },
  { host: 'a.example', count: 990, sha256: null },
  { host: 'nine.example', count: 9, sha256: 'nine' },
  { host: 'one-url.example', count: 20, sha256: 'one', isOneUrl: true },
  { host: 'large.example', count: 10, sha256: 'rare' },
  { host: 'large.example', count: 991, sha256: null },
  { host: 'b.example:8080', count: 12, sha256: 'none' },
];

const images = STORED.flatMap(({ host, count, sha256, isOneUrl }, group) =>
  Array.from({ length: count }, (_none, nth) => ({
    id: `${group}-${nth}`,
    url: `http://${host}/${isOneUrl === true ? 'same' : `${group}/${nth}`}`,
    sha256: sha256 ?? `${group}/${nth}`,
  })),
);

const FAILED: readonly (readonly [id: string, code: LedgerLine['code'], detail: string | null])[] =
  [
    ['f1', 'http_403', 'status 403: Just a moment...'],
    ['f2', 'http_403', 'status 403: Just a moment...'],
    ['f3', 'http_403', 'status 403'],
    ['f4', 'timeout', null],
    ['f5', 'empty', 'x'.repeat(400)],
  ];

describe('the publication at the end of a run', () => {
  let found: PublishSnapshotResult;
  beforeAll(async () => {
    const failedImages = FAILED.map(([id]) => ({ id, url: `http://f/${id}` }));
    await fixture.merge('r1', [...images, ...failedImages]);
    const failed = (id: string, code: LedgerLine['code'], detail: string | null): LedgerLine =>
      ledgerLine({ id, outcome: 'failed', code, detail, urlHash: urlHash(`http://f/${id}`) });
    const lines = [
      ...images.map(({ id, url, sha256 }) => ledgerLine({ id, sha256, urlHash: urlHash(url) })),
      ...FAILED.map((line) => failed(...line)),
      // Stored in the end, so this is no failure of the run.
      failed('0-0', 'truncated', 'ended early'),
    ];
    fixture.appendText('r1', 'l1', 'e1', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
    const record = fixture.record('r1', '2026-01-01T00:00:00.000Z');
    const publish = { warehouseId: 'w', record, materialise: true };
    found = await fixture.warehouse.publishSnapshot(publish);
  }, 60_000);

  it('names a file that ten URLs and a hundredth of the images of a host gave', () => {
    expect(found.placeholders).toEqual([
      { host: 'b.example:8080', sha256: 'none', images: 12, urls: 12, of: 12 },
      { host: 'a.example', sha256: 'none', images: 10, urls: 10, of: 1_000 },
    ]);
  });

  it('has a query that lists the images of these files', async () => {
    const rows = await fixture.ask(placeholdersQuery(found.placeholders ?? []));
    expect(rows).toHaveLength(22);
    expect(rows[0]).toMatchObject({ source_image_id: '0-0', thumb_url: 'http://A.example/0/0' });
  });

  it('has the commonest detail of each code, and of how many images', () => {
    expect(found.details).toEqual({
      http_403: { detail: 'status 403: Just a moment...', images: 2 },
      empty: { detail: `${'x'.repeat(297)}…`, images: 1 },
    });
  });
});
