/** SECURITY.md names a test for each threat, and these tests exist. */
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');

it('each threat of SECURITY.md has a test that exists', () => {
  const rows = fs
    .readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
  expect(rows.length).toBeGreaterThan(9);
  for (const row of rows) {
    const tests = [...row.matchAll(/`(test\/[^`]+\.ts)`/g)].map(([, file = '']) => file);
    expect({ row, tests: tests.length }).not.toEqual({ row, tests: 0 });
    for (const file of tests)
      expect({ file, isThere: fs.existsSync(path.join(ROOT, file)) }).toEqual({
        file,
        isThere: true,
      });
  }
});
