/** Catalogs with very many columns. */
import { DataRootFixture, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

/** A CSV file; `cell` gives the other cells of a row. */
function wideCsv(columns: number, rows: number, cell: (row: number) => string): string {
  const others = columns - 2;
  const names = Array.from({ length: others }, (_, column) => `c${column}`);
  const lines = [`id,url,${names.join(',')}`];
  for (let row = 0; row < rows; row += 1) {
    const cells = Array.from({ length: others }, (_, column) => `${cell(row)}-${column}`);
    lines.push(`${row},http://a/${row}.jpg,${cells.join(',')}`);
  }
  return lines.join('\n');
}

/** The database of the tests has 500 MB. */
test.each([
  ['that differ in each row', 300, (row: number) => `value ${row}`],
  ['that are the same in all rows', 2_100, () => 'v'],
])('1,950 columns with values %s are read with 500 MB', async (_, rows, cell) => {
  const counts = await fixture.readText(wideCsv(1_950, rows, cell));
  expect(counts).toMatchObject({ rows, images: rows });
  const [, second] = await fixture.rows();
  expect(second).toMatchObject({ source_image_id: '1', c1947: `${cell(1)}-1947` });
});

test('more than 2,000 columns are refused with a command that writes fewer', async () => {
  const error = await stepErrorOf(fixture.readText(wideCsv(2_001, 1, () => 'v')));
  expect(error).toMatchObject({ code: 'catalog_columns' });
  expect(error.message).toContain('has more than 2000 columns');
  expect(error.message).toContain('COPY (SELECT "id", "url" FROM');
});
