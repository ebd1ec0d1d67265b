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
    fixture.model(
      'checks/fails',
      'SELECT record, state, 0.3::FLOAT AS "a b" FROM image ORDER BY record',
    );
    fixture.model('checks/warns', '-- warn\nSELECT 1 AS n');
    fixture.model('checks/wrong', 'SELECT 1/title FROM catalog_row');
    const build = await fixture.build();
    expect(checkOf(build, 'passes')).toMatchObject({ state: 'passed', badRows: 0, example: null });
    expect(checkOf(build, 'fails')).toMatchObject({
      state: 'failed',
      badRows: 3,
      example: '{"record":1,"state":"pending","a b":0.3}',
    });
    expect(checkOf(build, 'warns')).toMatchObject({ state: 'warned', badRows: 1 });
    expect(checkOf(build, 'wrong').state).toBe('error');
    expect(
      await fixture.askDerived("SELECT state, bad_rows FROM check_result WHERE name = 'fails'"),
    ).toEqual([{ state: 'failed', bad_rows: '3' }]);
  });
});

describe('checking models', () => {
  it.each(['modes', 'image, modes'])('names a need that is no model (%s)', async (needs) => {
    fixture.model('mode', 'SELECT 1 AS n');
    fixture.model('wide', `-- needs: ${needs}\nPIVOT mode ON n USING count(*)`);
    const check = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(check, 'wide')).toMatchObject({
      state: 'failed',
      error: 'models/wide.sql:2:1: Its line `-- needs:` names modes, and there is no such model.',
    });
    fixture.model('wide', '-- needs: image, mode\nPIVOT mode ON n USING count(*)');
    expect(modelOf(await fixture.build(), 'wide').state).toBe('built');
  });

  it.each([
    'CREATE MACRO twice(x) AS 2 * x; SELECT twice(1)',
    'INSTALL spatial',
    'SET threads = 1',
  ])('says that %s is another statement than a query', async (sql) => {
    fixture.model('other', sql);
    const check = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(check, 'other').error).toContain('one query and no other statement');
  });

  it('leaves to the build what only data can tell', async () => {
    fixture.model('twice', 'SELECT 1 AS n, 2 AS n');
    fixture.model('behind', 'SELECT n_1 FROM twice');
    const check = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(check, 'behind')).toMatchObject({ state: 'unchecked', error: null });
    expect(modelOf(await fixture.build(), 'behind').state).toBe('built');
  });

  it.each(['SELECT ? AS n', 'FROM image WHERE state = $state', 'DESCRIBE image', 'SHOW TABLES'])(
    'finds that %s cannot be built, as a model and as a check',
    async (sql) => {
      fixture.model('unbuildable', sql);
      fixture.model('checks/unaskable', sql);
      const check = await fixture.build({ mode: 'check', target: null });
      const build = await fixture.build({ target: null });
      for (const { models, checks } of [check, build]) {
        const mistaken = [...models, ...checks].filter(({ error }) => error !== null);
        expect(mistaken.map(({ name }) => name)).toEqual(['unbuildable', 'unaskable']);
      }
    },
  );

  it('finds a NUL character, as editors leave it that save UTF-16, and checks the others', async () => {
    fixture.model('wide', Buffer.from('SELECT 1 AS é', 'utf16le').toString('latin1'));
    fixture.model('nul', 'SELECT 1 AS n\n\0');
    const check = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(check, 'nul').error).toMatch(/^models\/nul\.sql:2:1: There is a NUL character/);
    expect(modelOf(check, 'wide').error).toMatch(/^models\/wide\.sql:1:2: There is a NUL/);
    expect(modelOf(check, 'by_host').state).toBe('checked');
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

describe('binding models before their step', () => {
  it('finds what the columns of the catalog show, and computes nothing', async () => {
    fixture.model('titles', 'SELECT title,\n  artist FROM catalog_row');
    fixture.model('behind', 'SELECT title FROM titles');
    fixture.model(
      'checks/no_artist',
      "SELECT error('computed') FROM catalog_row WHERE artist = ''",
    );
    const build = await fixture.build({ mode: 'bind', target: null });
    expect(modelOf(build, 'titles').error).toMatch(
      /^models\/titles\.sql:2:3: Binder error.*artist/,
    );
    expect(modelOf(build, 'behind').state).toBe('skipped');
    expect(checkOf(build, 'no_artist')).toMatchObject({ state: 'error' });
    expect(modelOf(build, 'by_host')).toMatchObject({ state: 'checked', rows: null });
  });

  it('leaves unchecked what reads a table that a later step publishes', async () => {
    fixture.model('groups', 'SELECT cluster_id FROM cluster');
    fixture.model('published_groups', 'SELECT cluster_id FROM snapshot.cluster');
    fixture.model('states', 'SELECT name, state FROM model');
    fixture.model('history', 'SELECT host FROM by_host ANTI JOIN snapshot.by_host USING (host)');
    fixture.model('reader', 'SELECT anything FROM history');
    fixture.model('wrong', 'SELECT 1 AS n FROM snapshot.nonsense');
    const bound = await fixture.build({ mode: 'bind', target: null });
    const stateOf = (name: string): string => modelOf(bound, name).state;
    expect(
      ['groups', 'published_groups', 'states', 'history', 'reader', 'wrong'].map(stateOf),
    ).toEqual(['checked', 'unchecked', 'unchecked', 'unchecked', 'unchecked', 'failed']);
    const checked = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(checked, 'published_groups').state).toBe('failed');
    await fixture.build();
    expect((await fixture.askDerived("SELECT state FROM model WHERE name = 'groups'"))[0]).toEqual({
      state: 'built',
    });
  });
});
