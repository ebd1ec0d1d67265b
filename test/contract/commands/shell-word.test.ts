/** A value in a command that users copy reaches a real shell unchanged. */
import { execFileSync } from 'node:child_process';
import { fileWord, shellWord } from '../../../src/contract/commands/shell-word';

const VALUES = [
  'tate',
  '',
  "it's a run",
  'a "b" $HOME `id` \\ ! * ?',
  '$(touch /tmp/never); rm -rf x & echo',
  '--workflow-id',
  '=ls',
  '~root',
  'first line\nsecond',
  "tab\tand 'quote' and \\n",
  'right-to-left \u202e gnp.exe',
  'ümlaut 🖼️ 画像',
];

describe('shellWord', () => {
  it.each(VALUES)('passes %j to the shell unchanged', (value) => {
    const printed = execFileSync('bash', ['-c', `printf %s ${shellWord(value)}`]);
    expect(printed.toString('utf8')).toBe(value);
  });

  it.each(VALUES)('writes %j in one line without invisible characters', (value) => {
    expect(shellWord(value)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('does not quote harmless text', () => {
    expect(shellWord('catalogs/tate_artworks.csv.gz')).toBe('catalogs/tate_artworks.csv.gz');
  });
});

describe('fileWord', () => {
  it.each([
    ['works.csv', 'works.csv'],
    ['/a/-works.csv', '/a/-works.csv'],
    ['-works.csv', './-works.csv'],
    ["--data of the trust's.csv", "'./--data of the trust'\\''s.csv'"],
    ['-', './-'],
  ])('writes the file %s as %s, which is no option', (file, word) => {
    expect(fileWord(file)).toBe(word);
  });
});
