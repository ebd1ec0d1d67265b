/** The host of a URL in SQL, and that nothing else in the sources derives one. */
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { hostOfUrlSql } from '../../../src/contract/hosts/host-of-url-sql';

const SOURCES = path.join(__dirname, '../../../src');

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(() => {
  connection.closeSync();
});

async function hostOf(url: string): Promise<unknown> {
  const answer = await connection.runAndReadAll(`SELECT ${hostOfUrlSql('$1::VARCHAR')}`, [url]);
  return answer.getRows()[0]?.[0];
}

it.each([
  ['https://Museum.example/a.jpg', 'museum.example'],
  ['http://museum.example:8080', 'museum.example:8080'],
  ['http://user:SECRET@museum.example/a', 'museum.example'],
  ['http://user@museum.example:8080/a', 'museum.example:8080'],
  ['http://user:SE@CRET@museum.example/a', 'museum.example'],
  ['http://SECRET@@museum.example?q', 'museum.example'],
  ['http://:SECRET@museum.example\\a@b', 'museum.example'],
  ['http://museum.example/@user/a', 'museum.example'],
  ['http://museum.example?mail=a@b.example', 'museum.example'],
  ['http://museum.example#a@b.example', 'museum.example'],
  ['http://[2001:db8::1]:81/a', '[2001:db8::1]:81'],
  ['no URL', ''],
])('the host of %s is %s, as `URL` reads it', async (url, host) => {
  expect(await hostOf(url)).toBe(host);
  if (URL.canParse(url)) expect(new URL(url).host).toBe(host);
});

it('every regular expression of the sources that takes a host out of a URL is this one', () => {
  const expected = hostOfUrlSql('thumb_url');
  const files = fs.readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => /\.(sql|ts)$/.test(file) && file !== 'contract/hosts/host-of-url-sql.ts')
    .flatMap((file) => {
      const text = fs.readFileSync(path.join(SOURCES, file), 'utf8');
      // An expression that looks for what comes after `://`.
      const derived = text.match(/(?:lower\()?regexp_\w+\([^\n]*:\/\/[^\n]*?, \d\)\)?/g) ?? [];
      return derived.map((expression) => ({ file, expression }));
    });
  expect(found.map(({ file }) => file).sort()).toEqual([
    'models/package/by_code.sql',
    'models/package/by_host.sql',
    'models/package/checks/placeholders.sql',
    'models/package/link_rot.sql',
  ]);
  for (const { expression } of found) expect(expression).toBe(expected);
});
