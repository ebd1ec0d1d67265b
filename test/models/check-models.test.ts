/** Checks of a user, and the check of all files that computes nothing. */
import { checkOf, ModelFixture, modelOf } from './model-fixture';

let fixture: ModelFixture;
beforeAll(async () => {
  fixture = await ModelFixture.withThreeImages();
});
afterEach(() => {
  fixture.removeModels();
});
afterAll(() => {
  fixture.remove();
});

describe('checks', () => {
  it('pass without rows, fail with rows, and warn where the file says so', async () => {
    fixture.model('checks/passes', 'SELECT * FROM image WHERE record < 0');
    fixture.model('checks/fails', 'SELECT record, state FROM image ORDER BY record');
    fixture.model('checks/warns', '-- warn\nSELECT 1 AS n');
    fixture.model('checks/wrong', 'SELECT 1/title FROM catalog_row');
    const build = await fixture.build();
    expect(checkOf(build, 'passes')).toMatchObject({ state: 'passed', badRows: 0, example: null });
    expect(checkOf(build, 'fails')).toMatchObject({
      state: 'failed',
      badRows: 3,
      example: '{"record":1,"state":"pending"}',
    });
    expect(checkOf(build, 'warns')).toMatchObject({ state: 'warned', badRows: 1 });
    expect(checkOf(build, 'wrong').state).toBe('error');
    expect(
      await fixture.askDerived("SELECT state, bad_rows FROM check_result WHERE name = 'fails'"),
    ).toEqual([{ state: 'failed', bad_rows: '3' }]);
  });
});

describe('checking models', () => {
  it('leaves to the build what only data can tell', async () => {
    fixture.model('twice', 'SELECT 1 AS n, 2 AS n');
    fixture.model('behind', 'SELECT n_1 FROM twice');
    const check = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(check, 'behind')).toMatchObject({ state: 'unchecked', error: null });
    expect(modelOf(await fixture.build(), 'behind').state).toBe('built');
  });

  it('binds every file by the columns of those before it, and computes nothing', async () => {
    fixture.model(
      'first',
      "SELECT error('computed') AS message, {'a': [1.5]} AS nested, NULL AS nothing FROM image",
    );
    fixture.model('second', 'SELECT message, nested.a[1] AS a FROM first');
    fixture.model('third', 'SELECT nope FROM second');
    const build = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(build, 'first')).toMatchObject({ state: 'checked', error: null, rows: null });
    expect(modelOf(build, 'second').state).toBe('checked');
    expect(modelOf(build, 'third').error).toMatch(/^models\/third\.sql:1:8: Binder error/);
    expect(new Set(build.checks.map(({ state }) => state))).toEqual(new Set(['checked']));
  });
});
