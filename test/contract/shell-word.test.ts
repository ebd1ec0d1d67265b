/** A command that people copy means what it says, whatever is in it: asked of a real shell. */
import { execFileSync } from 'node:child_process';
import { shellWord } from '../../src/contract/shell-word';

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

describe('a word for the shell', () => {
  it.each(VALUES)('%j arrives as it was', (value) => {
    const printed = execFileSync('bash', ['-c', `printf %s ${shellWord(value)}`]);
    expect(printed.toString('utf8')).toBe(value);
  });

  it.each(VALUES)('%j is one line without anything unseen', (value) => {
    expect(shellWord(value)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('leaves what is harmless as people write it', () => {
    expect(shellWord('catalogs/tate_artworks.csv.gz')).toBe('catalogs/tate_artworks.csv.gz');
  });
});
