import { rememberLook } from '../../../src/catalog/inspect/looked-at';
import { refuseUnusableInput } from '../../../src/catalog/inspect/refuse-input';
import { DataRootFixture, database, resolvedInput, stepErrorOf } from '../data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const URL_COLUMN_IS_MISSING = 'id,picture\n1,http://a/1.jpg\n';

describe('a catalog whose beginning lacks a column that the input names', () => {
  const input = resolvedInput('catalogs/c.csv');
  const refuse = () => refuseUnusableInput({ dataRoot: fixture.root, input, database });

  it('is refused when this process has not looked at it', async () => {
    fixture.write('c.csv', URL_COLUMN_IS_MISSING);
    expect((await stepErrorOf(refuse())).code).toBe('input');
  });

  it('is not looked at again when this process has let it pass', async () => {
    fixture.write('c.csv', URL_COLUMN_IS_MISSING);
    await rememberLook(fixture.root, input);
    await expect(refuse()).resolves.toBeUndefined();
  });

  it('is looked at again when the file has changed since', async () => {
    fixture.write('c.csv', 'id,url\n1,http://a/1.jpg\n');
    await rememberLook(fixture.root, input);
    fixture.write('c.csv', URL_COLUMN_IS_MISSING);
    expect((await stepErrorOf(refuse())).code).toBe('input');
  });

  it('is looked at again for another input', async () => {
    fixture.write('c.csv', URL_COLUMN_IS_MISSING);
    await rememberLook(fixture.root, { ...input, columns: { id: 'id', url: 'picture' } });
    expect((await stepErrorOf(refuse())).code).toBe('input');
  });
});
