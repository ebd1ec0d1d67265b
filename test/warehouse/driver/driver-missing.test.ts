/**
 * Users install the second driver themselves. If it is configured and missing, the error explains
 * how to install it.
 */
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

/** Runs `query` with the second driver, which is also searched for in `modules`. */
function runQueryCommand(modules: string): {
  readonly status: number | null;
  readonly stderr: string;
} {
  const cli = path.join(__dirname, '../../../bin/artemis-pipeline.js');
  return spawnSync(process.execPath, [cli, 'query', 'SELECT 1', '--data', fixture.root], {
    encoding: 'utf8',
    env: { ...process.env, ARTEMIS_DB_DRIVER: 'duckdb-async', NODE_PATH: modules },
  });
}

/** Creates a package with the driver's name. */
function plantPackage(content: string): string {
  const modules = fixture.path('node_modules');
  fs.mkdirSync(path.join(modules, 'duckdb-async'), { recursive: true });
  fs.writeFileSync(path.join(modules, 'duckdb-async', 'index.js'), content);
  return modules;
}

/** Skipped in a checkout in which the driver is installed. */
const isInstalled = fs.existsSync(path.join(__dirname, '../../../node_modules/duckdb-async'));

(isInstalled ? describe.skip : describe)('ARTEMIS_DB_DRIVER=duckdb-async', () => {
  it('without the package exits with instructions and no stack trace', () => {
    const { status, stderr } = runQueryCommand('');
    expect(stderr).toMatch(/ARTEMIS_DB_DRIVER.*Cannot find module.*npm install.*NODE_PATH/s);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  it('with a package whose binary was not installed names the missing file', () => {
    const { status, stderr } = runQueryCommand(plantPackage("require('./duckdb.node')"));
    expect(stderr).toMatch(/Cannot find module '.\/duckdb.node'.*--ignore-scripts=false/s);
    expect(status).toBe(2);
  });

  it('with another package of that name says what it lacks', () => {
    const { status, stderr } = runQueryCommand(plantPackage('module.exports = {}'));
    expect(stderr).toMatch(/has no Database.create/);
    expect(status).toBe(2);
  });
});
