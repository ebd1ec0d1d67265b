import { parseCatalog } from '../../src/catalog/parse-catalog';
import { DataRootFixture, database, resolvedInput } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

test('the number of rows is reported while a catalog is read, rejected ones included', async () => {
  const catalog = fixture.write('c.csv', 'id,url\n1,http://a/1\n,http://a/2\n3,http://a/3\n');
  const reported: number[] = [];
  await parseCatalog({
    dataRoot: fixture.root,
    runId: fixture.runId,
    input: resolvedInput(catalog),
    database,
    onRows: (rows) => reported.push(rows),
  });

  expect(reported.at(-1)).toBe(3);
  expect(reported).toEqual([...reported].sort((a, b) => a - b));
});
