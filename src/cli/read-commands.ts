/** The commands that read the files of a data root and its snapshot, and change nothing there. */
import { Argument, Option, type Command } from 'commander';
import { command, type DataOption, type SetExitCode } from './command';
import { createContext } from './command-context';

export function addReadCommands(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'status',
    'Show how far the runs are. It reads only files, so it works while the database is locked and while Temporal is down.',
  )
    .argument('[run]', 'A run id or a workflow id.')
    .option('--json', 'Print JSON for programs.')
    .option('--watch', 'Repeat it every second, until Ctrl-C.')
    .action(async (run: string | undefined, _options, self: Command) => {
      const { status } = await import('./commands/status.js');
      const options = self.optsWithGlobals<DataOption>();
      setExitCode(await status(createContext(options), { ...options, run }));
    });
  command(program, 'query', 'Run an SQL query on the published snapshot.')
    .argument('<sql>')
    .addOption(new Option('--format <format>').choices(['table', 'csv', 'json']).default('table'))
    .action(async (sql: string, _options, self: Command) => {
      const { query } = await import('./commands/query.js');
      const options = self.optsWithGlobals<
        DataOption & { readonly format: 'table' | 'csv' | 'json' }
      >();
      setExitCode(await query(createContext(options), { sql, format: options.format }));
    });
}

export function addReportCommand(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'report',
    'Draw the report of a run again, as one HTML file. It reads only files, so it works while the database is locked and while Temporal is down.',
  )
    .argument('[run]', 'A run id or a workflow id (default: the newest run).')
    .action(async (run: string | undefined, _options, self: Command) => {
      const { report } = await import('./commands/report.js');
      setExitCode(await report(createContext(self.optsWithGlobals<DataOption>()), run));
    });
}

export function addServeCommand(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'serve',
    'Show the images, the groups and the runs of the data root in a browser, until Ctrl-C. It only reads, and may run beside a run.',
  )
    .option('--port <n>', 'The port to listen on; 0 for one that is free.', '8090')
    .option('--host <address>', 'The address to listen on.', '127.0.0.1')
    .option(
      '--token <text>',
      'What a browser must know (default: none on a loopback address, else a new one, which is printed).',
    )
    .action(async (_options, self: Command) => {
      const { serve } = await import('./commands/serve.js');
      const options = self.optsWithGlobals<
        DataOption & { readonly port: string; readonly host: string; readonly token?: string }
      >();
      setExitCode(await serve(createContext(options), options));
    });
}

export function addModelsCommand(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'models',
    'Check the SQL files of the models, or build their tables from the published snapshot to look at them. Nothing is published.',
  )
    .addArgument(new Argument('<action>').choices(['check', 'build']))
    .argument('[names...]', 'Models and checks (default: all). What they need is built too.')
    .option('--rows <n>', 'How many rows of each table to show.', '5')
    .action(async (action: 'check' | 'build', names: readonly string[], _, self: Command) => {
      const { models } = await import('./commands/models.js');
      const options = self.optsWithGlobals<DataOption & { readonly rows: string }>();
      setExitCode(await models(createContext(options), { action, names, rows: options.rows }));
    });
}
