/** The table in README.md names tests that exist. */
import fs from 'node:fs';
import path from 'node:path';

const project = path.join(__dirname, '../..');

const rows = fs
  .readFileSync(path.join(__dirname, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, file, title] = /^\|.*\| `(test\/.*?)` *\| (.*?) *\|$/.exec(line) ?? [];
    return file === undefined || title === undefined ? [] : [[file, title] as const];
  });

it('the table of faults has more than twenty rows', () => {
  expect(rows.length).toBeGreaterThan(20);
});

it.each(rows)('the table of faults names a test that exists in %s: %s', (file, title) => {
  // The title is compared as it stands in the source, regardless of the quotes around it.
  expect(fs.readFileSync(path.join(project, file), 'utf8')).toContain(title);
});
