/** The tiers of tests name files that exist, and CONTRIBUTING.md names every command that tests. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');
const requireFile = createRequire(__filename);

const { testMatch } = requireFile('../../jest.quick.config.cjs') as {
  readonly testMatch: readonly string[];
};
/** The patterns that name one file, without `**` before it. */
const named = testMatch.flatMap((pattern) => {
  const [, not, file = ''] = /^(!?)\*\*\/(test\/[^*]+)$/.exec(pattern) ?? [];
  return file === '' ? [] : [{ file, isLeftOut: not === '!' }];
});

/** The files of tests outside `test/run` that the quick tier does not leave out. */
function quickFiles(): readonly string[] {
  const leftOut = named.filter(({ isLeftOut }) => isLeftOut).map(({ file }) => file);
  return fs
    .readdirSync(path.join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join('test', name))
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/run/'))
    .filter((file) => !leftOut.includes(file));
}

describe('the quick tier of tests', () => {
  it('names files that exist, and has a few files of whole runs', () => {
    expect(named.filter(({ file }) => !fs.existsSync(path.join(ROOT, file)))).toEqual([]);
    const wholeRuns = named.filter(({ isLeftOut }) => !isLeftOut);
    expect(wholeRuns.length).toBeGreaterThan(2);
    expect(wholeRuns.filter(({ file }) => !file.startsWith('test/run/'))).toEqual([]);
  });

  it('has no other file that starts a whole run', () => {
    const starts = /from '.*helpers\/runs\/pipeline'/;
    expect(quickFiles().length).toBeGreaterThan(100);
    expect(quickFiles().filter((file) => starts.test(read(file)))).toEqual([]);
  });

  it('is the only tier in which tests of a file are left out', () => {
    const { testMatch: all } = requireFile('../../jest.config.cjs') as { testMatch: unknown };
    expect(all).toEqual(['**/*.test.ts']);
    expect(read('jest.config.cjs')).not.toContain('TEST_TIER');
  });
});

it('CONTRIBUTING.md names every command of package.json that runs tests', () => {
  const { scripts } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const commands = Object.keys(scripts).filter((name) => /\bjest\b|test/.test(scripts[name] ?? ''));
  const text = read('CONTRIBUTING.md');
  const missing = commands.filter((name) => {
    const command = name === 'test' ? 'npm test' : `npm run ${name}`;
    return !text.includes(`\`${command}\``);
  });
  expect(commands.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});
