/** The images of a query as files, and as a list of ids that a run takes. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Pipeline } from '../helpers/runs/pipeline';
import { HOSTILE, type Served } from './serve-fixture';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** @param scene what the tests look at, once they run. */
export function describeExports(scene: {
  readonly served: () => Served;
  readonly pipeline: () => Pipeline;
}): void {
  const save = async (target: string, name: string): Promise<string> => {
    const { status, body } = await scene.served().get(target, {}, 'GET', 'latin1');
    expect(status).toBe(200);
    const file = path.join(scene.pipeline().folder, name);
    fs.writeFileSync(file, body, 'latin1');
    return file;
  };

  describe('the images of a query as a file', () => {
    it('are equal in CSV, JSON and Parquet, in the order of the catalog, with its columns', async () => {
      const query = 'q=work+number&sort=largest';
      const expected = await scene
        .pipeline()
        .query(
          "SELECT i.source_image_id, i.state, i.thumb_bytes::INTEGER AS thumb_bytes, c.title FROM image i JOIN catalog_row c USING (source_image_id) WHERE c.title LIKE 'Work number%' ORDER BY i.record",
        );
      expect(expected.length).toBeGreaterThan(80);
      for (const kind of ['csv', 'ndjson', 'parquet']) {
        const file = await save(`/api/images.${kind}?${query}`, `images.${kind}`);
        const read = kind === 'ndjson' ? 'read_json' : kind === 'csv' ? 'read_csv' : 'read_parquet';
        const rows = await rowsOf(
          `SELECT source_image_id::VARCHAR AS source_image_id, state, thumb_bytes::INTEGER AS thumb_bytes, title FROM ${read}('${file}')`,
        );
        expect({ kind, rows }).toEqual({ kind, rows: expected });
      }
    });

    it('have no cell in CSV that a spreadsheet runs, and every value unchanged elsewhere', async () => {
      const titles = async (kind: string): Promise<readonly string[]> => {
        const file = await save(`/api/images.${kind}?q=formula`, `formulas.${kind}`);
        const read = kind === 'csv' ? `read_csv('${file}', all_varchar = true)` : `'${file}'`;
        return (await rowsOf(`SELECT title FROM ${read}`)).map(({ title }) => String(title));
      };
      const formulas = ['=formula()', '+formula', '-formula', '@formula', 'no =formula'];
      expect(await titles('parquet')).toEqual(formulas);
      expect(await titles('ndjson')).toEqual(formulas);
      expect(await titles('csv')).toEqual([
        "'=formula()",
        "'+formula",
        "'-formula",
        "'@formula",
        'no =formula',
      ]);
    });

    it('are downloads that never run, with the rows of no image as well as of all', async () => {
      for (const kind of ['csv', 'ndjson', 'parquet']) {
        const none = await scene.served().get(`/api/images.${kind}?state=nothing`);
        expect(none.status).toBe(200);
        expect(none.headers).toMatchObject({
          'content-disposition': `attachment; filename="images.${kind}"`,
          'x-content-type-options': 'nosniff',
        });
        const head = await scene.served().get(`/api/images.${kind}`, {}, 'HEAD');
        expect(head.body).toBe('');
      }
      const csv = await save('/api/images.csv', 'all.csv');
      expect(fs.readFileSync(csv, 'utf8')).toContain(HOSTILE.replaceAll('"', '""'));
    });
  });

  it('a selection is a list of ids with a command that downloads them', async () => {
    const pipeline = scene.pipeline();
    const failed = await pipeline.query<{ id: string }>(
      "SELECT source_image_id AS id FROM image WHERE state = 'failed' AND NOT last_error_retryable ORDER BY record",
    );
    const file = await save('/api/ids.ndjson?state=failed', 'ids.ndjson');
    const ids = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(ids).toEqual(expect.arrayContaining(failed.map(({ id }) => JSON.stringify(id))));
    const page = await scene.served().text('/selection?state=failed');
    const [, command = ''] = /(artemis-pipeline run --only .*? --data \S+)/.exec(
      page.slice(page.indexOf('failed for good')),
    ) ?? [''];
    expect(command).toContain('--select failed');
    // The shell reads the command as a person would paste it.
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
    const [, ...given] = words.trimEnd().split('\n');
    const { code, stdout } = await pipeline.run(...given, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(`download:  ${failed.length} image`);
  });
}

async function rowsOf(sql: string): Promise<Rows> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql);
  connection.closeSync();
  instance.closeSync();
  return reader.getRowObjectsJson();
}
