/** Building models of a user over a real snapshot, in the real process. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { canMount } from '../warehouse/small-disk';
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

/** The errors of the models and checks with these names. */
async function errorsOf(...names: readonly string[]): Promise<readonly (string | null)[]> {
  const { models, checks } = await fixture.build({ only: names });
  return names.map(
    (name) => [...models, ...checks].find((one) => one.name === name)?.error ?? null,
  );
}

describe('building models', () => {
  it('makes a table of each file, after those that it reads', async () => {
    fixture.model(
      'a_last',
      'SELECT sum(images) AS images FROM Z_first JOIN m_middle USING (state)',
    );
    fixture.model('m_middle', 'SELECT state FROM z_first;\n-- This is all.');
    fixture.model(
      'z_first',
      '-- doc: One row\n-- doc: a state.\nSELECT state, count(*) AS images FROM image GROUP BY state',
    );
    const build = await fixture.build();
    const order = build.models.map(({ name }) => name);
    expect(order.filter((name) => /_(last|middle|first)$/.test(name))).toEqual([
      'z_first',
      'm_middle',
      'a_last',
    ]);
    expect(await fixture.askDerived('FROM a_last')).toEqual([{ images: '3' }]);
    expect(
      await fixture.askDerived(
        "SELECT name, file, rows, state, error, needs, doc FROM model WHERE name IN ('a_last', 'z_first') ORDER BY name",
      ),
    ).toEqual([
      {
        ...{ name: 'a_last', file: 'models/a_last.sql', rows: '1', state: 'built', error: null },
        ...{ needs: ['m_middle', 'z_first'], doc: null },
      },
      {
        ...{ name: 'z_first', file: 'models/z_first.sql', rows: '2', state: 'built', error: null },
        ...{ needs: [], doc: 'One row a state.' },
      },
    ]);
  });

  it('returns the first rows as text, and leaves no temporary file', async () => {
    fixture.model('titles', 'SELECT title, record FROM catalog_row ORDER BY record');
    const build = await fixture.build({ only: ['titles'], previewRows: 2, target: null });
    expect(build.models.map(({ name }) => name)).toEqual(['titles']);
    expect(modelOf(build, 'titles').preview).toEqual({
      columns: [
        { name: 'title', type: 'VARCHAR' },
        { name: 'record', type: 'BIGINT' },
      ],
      rows: [
        { title: 'First', record: '1' },
        { title: 'Second', record: '2' },
      ],
    });
    expect(readdirSync(fixture.path('tmp'))).toEqual([]);
  });

  it('takes the file of the user in place of the package’s of the same name', async () => {
    fixture.model(
      'by_host',
      "SELECT 'mine' AS host, 20 AS images, 20 AS failed, '' AS commonest_code",
    );
    const build = await fixture.build();
    expect(modelOf(build, 'by_host').file).toBe('models/by_host.sql');
    expect(checkOf(build, 'failing_hosts').example).toContain('"host":"mine"');
  });

  it('lets a model fail alone, and skips those that need it', async () => {
    fixture.model('broken', 'SELECT title::INTEGER AS number\nFROM catalog_row');
    fixture.model('needs_broken', 'FROM broken');
    fixture.model('needs_more', 'FROM needs_broken');
    fixture.model('checks/asks_broken', 'FROM broken');
    const build = await fixture.build();
    expect(modelOf(build, 'broken')).toMatchObject({ state: 'failed', rows: null });
    expect(modelOf(build, 'broken').error).toMatch(
      /^models\/broken\.sql:1:13: Conversion error: Could not convert string 'First' to INT32/,
    );
    expect(modelOf(build, 'needs_broken')).toMatchObject({
      state: 'skipped',
      error: 'models/needs_broken.sql:1:1: It needs broken, which has failed.',
    });
    expect(modelOf(build, 'needs_more').error).toContain('needs_broken, which has been skipped');
    expect(checkOf(build, 'asks_broken').state).toBe('skipped');
    expect(build.models.filter(({ state }) => state === 'built').length).toBeGreaterThan(9);
    expect(await fixture.askDerived("SELECT state FROM model WHERE name = 'needs_broken'")).toEqual(
      [{ state: 'skipped' }],
    );
  });

  it('reports each mistake with its line and its column, counted in characters', async () => {
    fixture.model('syntax', '-- doc: é\nSELECT 1\nFROM image\nWHERE state === 3 GRUOP BY 1');
    fixture.model('column', "SELECT 'éé', nope FROM image");
    fixture.model('relation', 'SELECT *\n  FROM nowhere');
    fixture.model('two', 'SELECT 1;\nSELECT 2');
    fixture.model('nothing', '-- doc: nothing\n');
    fixture.model('checks/wrong', '-- warn\n\nSELECT nope FROM image');
    expect(await errorsOf('syntax', 'column', 'relation', 'two', 'nothing', 'wrong')).toEqual([
      expect.stringMatching(
        /^models\/syntax\.sql:4:19: Parser error: syntax error at or near "GRUOP"/,
      ),
      expect.stringMatching(
        /^models\/column\.sql:1:14: Binder error: Referenced column "nope" not found/,
      ),
      expect.stringMatching(
        /^models\/relation\.sql:2:8: Catalog error: Table with name nowhere does not exist/,
      ),
      'models/two.sql:1:1: There are 2 statements: write one SELECT.',
      'models/nothing.sql:2:1: There is no query.',
      expect.stringMatching(
        /^models\/checks\/wrong\.sql:3:8: Binder error: Referenced column "nope"/,
      ),
    ]);
  });

  it('names a cycle, and builds everything else', async () => {
    fixture.model('one', 'FROM two');
    fixture.model('two', 'FROM three');
    fixture.model('three', 'FROM one');
    fixture.model('self', 'FROM self');
    fixture.model('behind', 'FROM one');
    const build = await fixture.build();
    expect(modelOf(build, 'two').error).toBe(
      'models/two.sql:1:1: It needs itself: one → two → three → one.',
    );
    expect(modelOf(build, 'self').error).toContain('It needs itself: self → self.');
    expect(modelOf(build, 'behind').state).toBe('skipped');
    expect(modelOf(build, 'by_host').state).toBe('built');
  });

  it('distinguishes a common table expression from the model of its name', async () => {
    fixture.model('by_day', 'WITH by_day AS (SELECT 1 AS n) SELECT n FROM by_day');
    fixture.model(
      'numbers',
      'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 3) FROM t',
    );
    fixture.model('t', "SELECT 'not read' AS n");
    const build = await fixture.build();
    expect(modelOf(build, 'by_day').needs).toEqual([]);
    expect(modelOf(build, 'numbers')).toMatchObject({ needs: [], rows: 3, error: null });
  });

  it('builds a PIVOT when the file names its needs, and has no semicolon', async () => {
    const pivot = 'PIVOT z_states ON state USING count(*)';
    fixture.model('z_states', 'SELECT state FROM image');
    fixture.model('undeclared', pivot);
    fixture.model('a_declared', `-- needs: z_states\n${pivot}`);
    fixture.model('escaping', `-- needs:\n${pivot}; COPY (SELECT 1) TO 'x'`);
    fixture.model('behind', 'FROM a_declared');
    const build = await fixture.build();
    expect(modelOf(build, 'undeclared').error).toContain('`-- needs: a, b`');
    expect(modelOf(build, 'escaping').error).toContain('no semicolon');
    expect(await fixture.askDerived('FROM behind')).toEqual([{ no_url: '1', pending: '2' }]);
    const check = await fixture.build({ mode: 'check', target: null });
    expect(modelOf(check, 'a_declared').state).toBe('unchecked');
    expect(modelOf(check, 'behind').state).toBe('unchecked');
  });

  it('interrupts a model that takes too long', async () => {
    fixture.model('endless', 'SELECT count(*) AS n FROM range(1000000000000) a, range(1000) b');
    fixture.model('quick', 'SELECT 1 AS n');
    const build = await fixture.build({ only: ['endless', 'quick'], secondsPerModel: 0.2 });
    expect(modelOf(build, 'endless').error).toContain('interrupted after 0.2 s');
    expect(modelOf(build, 'endless').error).toContain('ARTEMIS_MODEL_SECONDS');
    expect(modelOf(build, 'quick').state).toBe('built');
  });

  it.each(['build', 'check'] as const)(
    'ends the process of a %s whose query goes on when it is interrupted, and names the file',
    async (mode) => {
      // DuckDB computes one value in minutes, and does not look for an interrupt meanwhile.
      const distance = "levenshtein(repeat('a', 300000), repeat('b', 300000))";
      fixture.model('stubborn', `SELECT ${distance} AS n`);
      const build = fixture.build({ only: ['stubborn'], secondsPerModel: 0.2, mode });
      await expect(build).rejects.toMatchObject({
        code: 'model_failed',
        message: expect.stringMatching(/^models\/stubborn\.sql:1:1: .*0\.2 s/) as string,
      });
      expect(readdirSync(fixture.path('tmp'))).toEqual([]);
    },
    60_000,
  );

  (canMount ? it : it.skip)('names the model that fills the disk', async () => {
    fixture.model('large', 'SELECT sha256(a.range::VARCHAR) AS n FROM range(100000000) a');
    const folder = fixture.path('tmp');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
    try {
      await expect(fixture.build({ only: ['large'], target: null })).rejects.toMatchObject({
        code: 'disk_full',
        message: expect.stringMatching(/^models\/large\.sql:1:1: /) as string,
      });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('ends its process when it is cancelled', async () => {
    fixture.model('endless', 'SELECT count(*) AS n FROM range(1000000000000) a, range(1000) b');
    const signal = AbortSignal.timeout(1_000);
    await expect(fixture.build({ only: ['endless'], signal })).rejects.toThrow(/timeout/);
    expect(readdirSync(fixture.path('tmp'))).toEqual([]);
    expect(existsSync(fixture.derived)).toBe(false);
  });

  it('refuses the snapshot of a program that did not know all columns', async () => {
    const older = new ModelFixture();
    const stored = path.join(__dirname, '../warehouse/files/schema-000002/warehouse.duckdb.gz');
    writeFileSync(older.path('warehouse.snapshot.duckdb'), gunzipSync(readFileSync(stored)));
    await expect(older.build()).rejects.toThrow(/version 2 of the schema, and models need 3/);
    older.remove();
  });

  it('without a snapshot says which step makes one', async () => {
    const empty = new ModelFixture();
    await expect(empty.build()).rejects.toMatchObject({ code: 'input' });
    empty.remove();
  });
});

describe('names of models', () => {
  it('are those of tables, and none of ours', async () => {
    fixture.model('image', 'SELECT 1 AS n');
    fixture.model('By_Host', 'SELECT 1 AS n');
    fixture.model('2nd', 'SELECT 1 AS n');
    const build = await fixture.build();
    // Whoever reads the table `image` does not need the file of that name.
    expect(modelOf(build, 'by_host').state).toBe('built');
    const errors = ['image', 'By_Host', '2nd'].map((name) => modelOf(build, name).error);
    expect(errors).toEqual([
      'models/image.sql:1:1: image is a table or view of the snapshot itself. Rename the file.',
      expect.stringContaining('lower-case letters'),
      expect.stringContaining('lower-case letters'),
    ]);
  });

  it('of models that are gone are not found in the snapshot, unless it is named', async () => {
    await fixture.addToSnapshot(
      "CREATE TABLE former AS SELECT 7 AS n; CREATE TABLE model AS SELECT 'former' AS name",
    );
    fixture.model('reads', 'SELECT n\nFROM former');
    fixture.model('compares', 'SELECT n FROM snapshot.former');
    const errors = await errorsOf('reads', 'compares');
    // The other tests go on without these tables.
    await fixture.publish(false);
    expect(errors).toEqual([
      expect.stringMatching(/^models\/reads\.sql:2:6: former was a model and is none any more/),
      null,
    ]);
  });
});
