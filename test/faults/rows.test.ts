/** The table in README.md has every row, and what it names exists. */
import fs from 'node:fs';
import path from 'node:path';
import { faultCases } from './fault-cases';

const project = path.join(__dirname, '../..');
const rows = fs
  .readFileSync(path.join(__dirname, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, row, where, note] = /^\| ([NFI]\d+) *\| (.*?) *\| (.*?) *\|$/.exec(line) ?? [];
    return row === undefined ? [] : [{ row, where: where ?? '', note: note ?? '' }];
  });

const upTo = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

it('the table of faults has every row once', () => {
  expect(rows.map(({ row }) => row)).toEqual([
    ...upTo('N', 40),
    ...upTo('F', 19),
    ...upTo('I', 12),
  ]);
});

it('the table of faults names cases for the rows that have some, and for no others', () => {
  const told = rows.filter(({ where }) => where.startsWith('cases')).map(({ row }) => row);
  expect([...new Set(faultCases.map(({ row }) => row))].sort()).toEqual([...told].sort());
});

it.each(rows.filter(({ where }) => where.includes('`')))(
  'row $row of the table of faults names a test that exists in $where',
  ({ where, note }) => {
    const [, file = ''] = /`(.*?)`/.exec(where) ?? [];
    const title = note.split(': ').at(-1) ?? '';
    const text = fs.readFileSync(path.join(project, file), 'utf8');
    if (!note.includes('ingest')) expect(text).toContain(title);
  },
);
