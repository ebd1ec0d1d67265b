/**
 * No published SQL file changes, and the program splits the files into the same statements as
 * DuckDB.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readMigrations } from '../../../src/warehouse/schema/migrations';
import { LATER_FOLDER } from './later-schema';

const FOLDER = path.join(__dirname, '../../../src/warehouse/schema');
const BUILT = path.join(__dirname, '../../../dist/warehouse/schema');
const SOURCES = path.join(__dirname, '../../../src/warehouse');

/**
 * The sha256 of each file when it was published. A new file gets a new line, and no line ever
 * changes.
 */
const PUBLISHED: Readonly<Record<string, string>> = {
  '000001.sql': '189d6dcf622a4cea54d9768b78f85737e2558acc66ca93a3083df10985b78abe',
  '000002.sql': 'e2cde168441c4bb572f8272fdbcde2de73b7e50081d02b4b9003326b66126804',
  '000003.sql': '78307fdea9c3b0353fbf54809d55abbcd41449b1cb948d1a35609fb409fa48e8',
  '000004.sql': '4a681974916d424b8e53e547f944af1053d4b1396a36526cea1add9778cdccdf',
};

function sqlFiles(folder: string): readonly string[] {
  return fs.readdirSync(folder).filter((name) => name.endsWith('.sql'));
}

function textOf(folder: string, name: string): string {
  return fs.readFileSync(path.join(folder, name), 'utf8');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

it('no numbered SQL file has changed since it was published', () => {
  const hashes = sqlFiles(FOLDER).map((name) => [name, sha256(textOf(FOLDER, name))]);
  expect(Object.fromEntries(hashes)).toEqual(PUBLISHED);
});

it('the build has exactly the numbered SQL files of the source', () => {
  expect(sqlFiles(BUILT)).toEqual(sqlFiles(FOLDER));
  for (const name of sqlFiles(FOLDER)) expect(textOf(BUILT, name)).toBe(textOf(FOLDER, name));
});

it.each([
  ['of the program', FOLDER],
  ['of later versions', LATER_FOLDER],
])(
  'the numbered SQL files %s are split into statements as DuckDB splits them',
  async (_, folder) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const countIn = async (sql: string): Promise<number> =>
      (await connection.extractStatements(sql)).count;
    for (const { version, statements } of readMigrations(folder)) {
      const name = `${String(version).padStart(6, '0')}.sql`;
      let statementCount = 0;
      for (const statement of statements) statementCount += await countIn(statement);
      const whole = await countIn(textOf(folder, name));
      expect({ name, statements: statementCount }).toEqual({ name, statements: whole });
    }
    connection.closeSync();
    instance.closeSync();
  },
);

it('a folder without SQL files, or with a number missing, is refused', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-schema-'));
  for (const name of ['000001.sql', '000002.sql', '000003.sql', 'README.md'])
    fs.writeFileSync(path.join(folder, name), 'SELECT 1;\n');
  expect(readMigrations(folder).map(({ version }) => version)).toEqual([1, 2, 3]);
  fs.rmSync(path.join(folder, '000002.sql'));
  expect(() => readMigrations(folder)).toThrow(/has 000003.sql, but no 000002.sql/);
  for (const name of ['000001.sql', '000003.sql']) fs.rmSync(path.join(folder, name));
  expect(() => readMigrations(folder)).toThrow(/has no 000001.sql/);
  fs.rmSync(folder, { recursive: true });
});

it('rows are inserted into every table by column name, never by position', () => {
  const files = fs.readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  const inserts = files
    .filter((name) => /\.(ts|sql)$/.test(name))
    .flatMap((name) => [
      ...textOf(SOURCES, name).matchAll(/\bINSERT INTO (?!memory\.)(\w+)\s*(\(|BY NAME\b)?/g),
    ]);
  expect(inserts.length).toBeGreaterThan(8);
  expect(inserts.filter(([, , names]) => names === undefined).map(([text]) => text)).toEqual([]);
});
