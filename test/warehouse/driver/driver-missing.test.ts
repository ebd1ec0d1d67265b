/** The second driver is installed only by who wants it: who wants it and has it not is told how. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(async () => {
  fixture = new WarehouseFixture();
  await fixture.merge('r1', [{ id: 'a', url: 'http://h/a' }]);
  await fixture.query('SELECT 1');
});
afterEach(() => {
  fixture.remove();
});

/** The command line with the second driver, which is looked for in `modules` too. */
function query(modules: string): { readonly status: number | null; readonly stderr: string } {
  const cli = path.join(__dirname, '../../../bin/artemis-pipeline.js');
  return spawnSync(process.execPath, [cli, 'query', 'SELECT 1', '--data', fixture.root], {
    encoding: 'utf8',
    env: { ...process.env, ARTEMIS_DB_DRIVER: 'duckdb-async', NODE_PATH: modules },
  });
}

/** A package that is found by that name. */
function plant(content: string): string {
  const modules = fixture.path('node_modules');
  fs.mkdirSync(path.join(modules, 'duckdb-async'), { recursive: true });
  fs.writeFileSync(path.join(modules, 'duckdb-async', 'index.js'), content);
  return modules;
}

/** A checkout into which somebody installed it cannot show what happens without it. */
const isInstalled = fs.existsSync(path.join(__dirname, '../../../node_modules/duckdb-async'));

(isInstalled ? describe.skip : describe)('ARTEMIS_DB_DRIVER=duckdb-async', () => {
  it('without the package: says how to get it, without a stack', () => {
    const { status, stderr } = query('');
    expect(stderr).toMatch(/ARTEMIS_DB_DRIVER.*Cannot find module.*npm install.*NODE_PATH/s);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  it('with one whose binary was not installed: says what is missing of it', () => {
    const { status, stderr } = query(plant("require('./duckdb.node')"));
    expect(stderr).toMatch(/Cannot find module '.\/duckdb.node'.*--ignore-scripts=false/s);
    expect(status).toBe(2);
  });

  it('with something else of that name: says so', () => {
    const { status, stderr } = query(plant('module.exports = {}'));
    expect(stderr).toMatch(/has no Database.create/);
    expect(status).toBe(2);
  });
});
