/**
 * Compares docs/reference/models.md with the files of the package and with the tables that are
 * built.
 */
import { OWN_RELATIONS } from '../../src/models/own-relations';
import { readModelFiles } from '../../src/models/read-model-files';
import { checkOf, ModelFixture, modelOf } from '../models/model-fixture';
import { namesOf, readReferencePage } from './reference-page';

const page = readReferencePage('models.md');
const models = namesOf(page.table('Models of the package'));

let fixture: ModelFixture;
beforeAll(async () => {
  fixture = new ModelFixture();
  await fixture.merge('r1', [{ id: 'a', url: 'http://h/a' }]);
  await fixture.publish(false);
  await fixture.build();
});
afterAll(() => {
  fixture.remove();
});

describe('the reference of models', () => {
  it('lists every model and every check of the package, and no other', () => {
    const files = readModelFiles(fixture.root);
    const named = (kind: string): readonly string[] =>
      files.filter((file) => file.kind === kind).map(({ name }) => name);
    expect(models).toEqual(named('model'));
    expect(namesOf(page.table('Checks of the package'))).toEqual(named('check'));
    expect(files.filter(({ kind, isWarning }) => kind === 'check' && !isWarning)).toEqual([]);
  });

  it.each([...models, 'model', 'check_result'])('lists every column of %s', async (name) => {
    const columns = await fixture.askDerived(`DESCRIBE ${name}`);
    const listed = page.table(name).map((row) => [namesOf([row])[0], row.Type]);
    expect(listed).toEqual(
      columns.map((column) => [
        column.column_name,
        `${String(column.column_type)}${column.null === 'NO' ? ' NOT NULL' : ''}`,
      ]),
    );
  });

  it('has examples that are built as they stand', async () => {
    const user = new ModelFixture();
    await user.merge('r1', [{ id: 'a', url: 'http://h/a' }]);
    await user.publish();
    const examples = page.text.matchAll(
      /^`models\/([\w/]+)\.sql`[^\n]*\n\n```sql\n([\s\S]*?)```/gm,
    );
    for (const [, name = '', sql = ''] of examples) user.model(name, sql);
    const build = await user.build({ only: ['blurry_titles', 'no_title'], target: null });
    expect(modelOf(build, 'blurry_titles')).toMatchObject({ state: 'built', needs: ['quality'] });
    expect(checkOf(build, 'no_title')).toMatchObject({ state: 'failed', badRows: 1 });
    user.remove();
  });

  it('lists the words of the header that are read', () => {
    const words = namesOf(page.table('Words of the header')).map((text) => text.slice(0, 8));
    expect(words.filter((word) => word.startsWith('-- '))).toEqual(
      expect.arrayContaining(['-- doc: ', '-- needs', '-- warn']),
    );
  });
});

it('no model may have the name of a table or view of the snapshot', () => {
  const relations = namesOf(readReferencePage('warehouse.md').table('Tables and views'));
  const added = ['cluster', 'cluster_member', 'embedding', 'derived_from', 'model', 'check_result'];
  expect([...OWN_RELATIONS].sort()).toEqual([...relations, ...added].sort());
});
