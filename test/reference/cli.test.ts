/** Compares docs/reference/cli.md with the program that parses command lines. */
import type { Command, Option } from 'commander';
import { EXIT } from '../../src/cli/exit-codes';
import { QUESTIONS } from '../../src/cli/commands/verify';
import { createProgram } from '../../src/cli/program';
import { codesIn, namesOf, readReferencePage, type Row } from './reference-page';
import { SourceTypes } from './source-types';

const page = readReferencePage('cli.md');
const program = createProgram(() => undefined);
const commands = program.commands.map((command) => [command.name(), command] as const);
const types = new SourceTypes([
  'files/run/run-status.ts',
  'verify/verify.ts',
  'verify/check-result.ts',
]);

/** The usage as `--help` prints it: `run <catalog>`. */
function usage(command: Command): string {
  const parts = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...parts].join(' ');
}

function ownOptions(command: Command): readonly Option[] {
  return command.options.filter(({ long }) => long !== '--data');
}

function optionRows(name: string): readonly Row[] {
  return page.section(name).includes('| Option') ? page.table(name) : [];
}

describe('the reference of the command line', () => {
  it('lists every command with its arguments, and no other', () => {
    const listed = namesOf(page.table('Commands'));
    expect([...listed].sort()).toEqual(commands.map(([, command]) => usage(command)).sort());
  });

  it.each(commands)('lists every option of %s, and no other', (name, command) => {
    const flags = ownOptions(command).map((option) => option.flags);
    expect([...namesOf(optionRows(name))].sort()).toEqual(flags.sort());
  });

  it.each(commands)('gives the defaults of the options of %s', (name, command) => {
    const defaults = ownOptions(command).map((option) => [
      option.flags,
      option.defaultValue === undefined ? [] : [option.defaultValue],
    ]);
    const listed = optionRows(name).map((row) => [namesOf([row])[0], codesIn(row.Default ?? '')]);
    expect(listed).toEqual(defaults);
  });

  it('names the options that every command has', () => {
    const flags = program.options.map((option) => option.flags);
    const listed = namesOf(page.table('Options of every command'));
    expect([...listed].sort()).toEqual([...flags, '-h, --help'].sort());
    for (const [, command] of commands)
      expect(command.options.map((option) => option.long)).toContain('--data');
  });

  it('names every value that an option is limited to', () => {
    for (const [name, command] of commands)
      for (const option of ownOptions(command)) {
        const row = optionRows(name).find((one) => namesOf([one])[0] === option.flags);
        const said = codesIn(row?.Meaning ?? '');
        expect(said).toEqual(expect.arrayContaining(option.argChoices ?? []));
      }
  });

  it('lists every exit code, and no other', () => {
    expect(namesOf(page.table('Exit codes')).map(Number)).toEqual(Object.values(EXIT));
  });

  it('lists every check of verify, and no other', () => {
    expect(namesOf(page.table('Checks'))).toEqual(Object.keys(QUESTIONS));
  });

  it('lists every field that status --json prints, and no other', () => {
    expect(namesOf(page.table('status --json'))).toEqual(
      types.pathsOf('files/run/run-status.ts', 'StatusReport'),
    );
  });

  it('lists every field that verify --json prints, and no other', () => {
    const checks = types
      .namesOf('verify/check-result.ts', 'Check')
      .map((name) => `checks[].${name}`);
    const report = types.namesOf('verify/verify.ts', 'VerifyReport');
    expect(namesOf(page.table('verify --json'))).toEqual([...report, ...checks]);
  });
});
