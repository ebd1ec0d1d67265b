/**
 * Compares docs/reference/settings.md with the schema of the environment and the code that reads
 * it.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { SETTING_NAMES, loadConfig, type Config } from '../../src/config';
import { codesIn, namesOf, readReferencePage } from './reference-page';

const ROOT = path.join(__dirname, '../..');
const page = readReferencePage('settings.md');
const rows = page.table('Settings of this program');
const temporalNames = namesOf(page.table("Temporal's own variables"));

/** All matches of an extended regular expression in these files. */
function matches(expression: string, folder: string, files: string): ReadonlySet<string> {
  const command = ['-rhoE', `--include=${files}`, expression, path.join(ROOT, folder)];
  const found = execFileSync('grep', command, { encoding: 'utf8' });
  return new Set(found.split('\n').filter((match) => match !== ''));
}

function withoutEnvironment({ env: _env, ...config }: Config): Omit<Config, 'env'> {
  return config;
}

describe('the reference of settings', () => {
  it('lists every setting, and no other', () => {
    expect([...namesOf(rows)].sort()).toEqual([...SETTING_NAMES].sort());
  });

  it.each(rows)('gives the default of $Setting', (row) => {
    const [name = ''] = namesOf([row]);
    const [value = ''] = codesIn(row.Default ?? '');
    expect(value === '' ? row.Default : 'a value').toMatch(/^(none|computed|a value)$/);
    expect(withoutEnvironment(loadConfig({ [name]: value }))).toEqual(
      withoutEnvironment(loadConfig({})),
    );
  });

  it('lists every variable that the settings of Temporal are read from, and no other', () => {
    const read = matches('TEMPORAL_[A-Z_]+', 'node_modules/@temporalio/envconfig/lib', '*.js');
    const listed = temporalNames.map((name) => name.replace('<NAME>', ''));
    expect([...listed].sort()).toEqual([...read].sort());
  });

  it('lists every other variable that the code reads', () => {
    const read = [...matches('\\benv\\.[A-Z][A-Z_]+', 'src', '*.ts')].map((text) => text.slice(4));
    const others = read.filter((name) => !temporalNames.includes(name));
    expect([...namesOf(page.table('Variables of the system'))].sort()).toEqual(others.sort());
  });

  it('lists every variable that docker-compose.yml takes beside the settings', () => {
    const taken = [...matches('\\$\\{[A-Z_]+', '.', 'docker-compose.yml')].map((text) =>
      text.slice(2),
    );
    const others = taken.filter((name) => !SETTING_NAMES.includes(name));
    expect([...namesOf(page.table('Variables of docker-compose.yml'))].sort()).toEqual(
      [...new Set(others)].sort(),
    );
  });
});
