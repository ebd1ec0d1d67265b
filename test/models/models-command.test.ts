/** `artemis-pipeline models` as a user runs it: what it prints, and its exit codes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ModelFixture } from './model-fixture';

const PROGRAM = path.join(__dirname, '../../bin/artemis-pipeline.js');

let fixture: ModelFixture;
beforeAll(async () => {
  fixture = new ModelFixture();
  await fixture.merge('r1', [
    { id: 'a', url: 'http://h/a', title: 'First' },
    { id: 'b', url: 'http://h/b', title: 'Second' },
  ]);
  await fixture.publish();
});
afterEach(() => {
  fixture.removeModels();
});
afterAll(() => {
  fixture.remove();
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function models(...words: readonly string[]): Ended {
  const env = { PATH: process.env.PATH, ARTEMIS_DATA: fixture.root };
  const run = spawnSync(process.execPath, [PROGRAM, 'models', ...words], { env, encoding: 'utf8' });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

it('builds all models, prints their first rows, and leaves nothing behind', () => {
  fixture.model('titles', '-- doc: Every title.\nSELECT title FROM catalog_row ORDER BY record');
  const { status, stdout, stderr } = models('build', '--rows', '1');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('titles, the first 1 of 2 rows. Every title.');
  expect(stdout).toContain('First');
  expect(stdout).not.toContain('Second');
  expect(stdout).toMatch(/titles +│ models\/titles\.sql +│ 2 +│/);
  expect(readdirSync(fixture.path('tmp'))).toEqual([]);
});

it('reports mistakes on stderr, one a line, with exit code 2', () => {
  fixture.model('wrong', 'SELECT nope\nFROM image');
  fixture.model('behind', 'FROM wrong');
  for (const action of ['check', 'build'] as const) {
    const { status, stdout, stderr } = models(action);
    expect(status).toBe(2);
    expect(stderr.split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(/^models\/wrong\.sql:1:8: Binder error: Referenced column "nope"/),
      'models/behind.sql:1:1: It needs wrong, which has failed.',
    ]);
    expect(stdout).toMatch(/by_host +│ package\/by_host\.sql/);
  }
});

it('the command "models" ends with exit code 3 when a check has rows, and with 0 when it only warns', () => {
  fixture.model('checks/mine', 'SELECT title FROM catalog_row');
  expect(models('check').status).toBe(0);
  const { status, stdout } = models('build', 'mine');
  expect(status).toBe(3);
  expect(stdout).toMatch(/mine +│ models\/checks\/mine\.sql +│ failed +│ 2 +│ \{"title":"First"\}/);
  fixture.model('checks/mine', '-- warn\nSELECT title FROM catalog_row');
  expect(models('build', 'mine').status).toBe(0);
});

it('the command "models" refuses names and numbers that it does not know, and a data root without a snapshot', () => {
  expect(models('build', 'by_hots')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is it by_host?') as unknown,
  });
  expect(models('build', '--rows', 'many').status).toBe(2);
  expect(models('publish').status).toBe(2);
  const { status, stderr } = models('build', '--data', fixture.path('empty'));
  expect({ status, stderr }).toEqual({
    status: 6,
    stderr: expect.stringContaining('There is no snapshot') as unknown,
  });
});

it('checks names where there is no snapshot yet, and makes no folder', () => {
  const empty = path.join(fixture.root, 'nothing');
  const without = models('check', '--data', empty);
  expect(without.status).toBe(0);
  expect(without.stderr).toContain('There is no snapshot yet');
  expect(without.stdout).toMatch(/by_host +│ package\/by_host\.sql +│ +│ unchecked/);
  expect(readdirSync(fixture.root)).not.toContain('nothing');
  mkdirSync(path.join(empty, 'models'), { recursive: true });
  const text = 'SELECT i.nope, d.sql FROM image i, duckdb_tables d\nJOIN by_hots USING (host)';
  writeFileSync(path.join(empty, 'models', 'mine.sql'), text);
  const { status, stderr } = models('check', '--data', empty);
  expect(status).toBe(2);
  expect(stderr).toContain('models/mine.sql:2:6: There is no table or model named by_hots.');
  expect(readdirSync(empty)).toEqual(['models']);
});

it('interrupts a query after ARTEMIS_MODEL_SECONDS', () => {
  fixture.model('endless', 'SELECT count(*) AS n FROM range(1000000000000) a, range(1000) b');
  const env = { PATH: process.env.PATH, ARTEMIS_DATA: fixture.root, ARTEMIS_MODEL_SECONDS: '0.5' };
  const words = [PROGRAM, 'models', 'build', 'endless'];
  const run = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  expect(run.status).toBe(2);
  expect(run.stderr).toContain('models/endless.sql:1:1: It was interrupted after 0.5 s.');
});
