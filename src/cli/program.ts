/**
 * The commands and their options. What a command needs is loaded when it runs, so that `status`
 * starts quickly.
 */
import { Command, Option } from 'commander';
import { version } from '../config';
import { CATALOG_FORMATS, ID_SOURCES } from '../contract/run-input';
import { QUEUE_NAMES } from '../contract/task-queues';
import { createContext } from './command-context';

type SetExitCode = (code: number) => void;

/**
 * Creates the program.
 *
 * @param setExitCode called with the exit code of the command that ran.
 */
export function createProgram(setExitCode: SetExitCode): Command {
  const program = new Command('artemis-pipeline')
    .description(
      'Every image of a catalog on disk, verified, and recorded in a DuckDB file that you can always look at.',
    )
    .version(version, '-V, --version')
    .addOption(dataOption())
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(--help tells what is accepted)');
  addServerCommands(program, setExitCode);
  addRunCommand(program, setExitCode);
  addInspectCommand(program, setExitCode);
  addReadCommands(program, setExitCode);
  addCheckCommands(program, setExitCode);
  addMaintenanceCommands(program, setExitCode);
  addDemoCommand(program, setExitCode);
  return program;
}

function dataOption(): Option {
  return new Option('--data <dir>', 'the data root (default: $ARTEMIS_DATA, else ./data)');
}

function command(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).addOption(dataOption()).exitOverride();
}

/** `--data` may stand before or after the command's name, so `optsWithGlobals` is needed. */
interface DataOption {
  readonly data?: string;
}

function addServerCommands(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'up',
    'start a Temporal server if none is configured, and all workers; Ctrl-C drains the workers',
  ).action(async (_options, self: Command) => {
    const { up } = await import('./commands/up.js');
    setExitCode(await up(createContext(self.optsWithGlobals<DataOption>())));
  });
  command(program, 'down', 'stop the Temporal server of this data root').action(
    async (_options, self: Command) => {
      const { down } = await import('./commands/down.js');
      setExitCode(await down(createContext(self.optsWithGlobals<DataOption>())));
    },
  );
  command(program, 'worker', 'start workers only, for a server that runs elsewhere')
    .option('--queues <names>', `comma list of ${QUEUE_NAMES.join(', ')}`, QUEUE_NAMES.join(','))
    .action(async (_options, self: Command) => {
      const { worker } = await import('./commands/worker.js');
      const options = self.optsWithGlobals<DataOption & { readonly queues: string }>();
      setExitCode(await worker(createContext(options), options.queues));
    });
  command(
    program,
    'temporal',
    'the Temporal CLI that "up" uses, with its address and namespace set',
  )
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: readonly string[], _options, self: Command) => {
      const { temporal } = await import('./commands/temporal.js');
      setExitCode(await temporal(createContext(self.optsWithGlobals<DataOption>()), args));
    });
}

function addRunCommand(program: Command, setExitCode: SetExitCode): void {
  const run = command(
    program,
    'run',
    'download the images of a catalog, with a progress bar; Ctrl-C cancels and keeps what is done',
  ).argument(
    '<catalog...>',
    'the listing: csv, tsv, ndjson, json, parquet or a list of URLs, plain, gzip, zstd or zip',
  );
  addCatalogOptions(run)
    .option(
      '--workflow-id <id>',
      'the id of the run in Temporal (default: from the name of the catalog)',
    )
    .option('--steps <names>', 'comma list of steps (default: all)')
    .option('--select <which>', 'pending, failed or all (default: pending)')
    .option('--limit <n>', 'the first N rows that have a URL')
    .option('--verify <how>', 'decode or signature (default: decode)')
    .option('--input <json>', 'further fields of the input, as JSON')
    .option('--dry-run', 'check the input and print what would be started')
    .action(async (catalogs: readonly string[], _options, self: Command) => {
      const { run: runCatalog } = await import('./commands/run.js');
      const options = self.optsWithGlobals<DataOption>();
      setExitCode(await runCatalog(createContext(options), { ...options, catalogs }));
    });
}

function addInspectCommand(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'inspect',
    'look at a catalog, and print the command that takes every image of it',
  )
    .argument('<file...>', 'the files of one catalog, or a folder')
    .option(
      '--format <name>',
      `the format, where the name does not tell: ${CATALOG_FORMATS.join(', ')}`,
    )
    .option('--json', 'print one JSON object')
    .action(async (files: readonly string[], _options, self: Command) => {
      const { inspect } = await import('./commands/inspect.js');
      const options = self.optsWithGlobals<DataOption>();
      setExitCode(await inspect(createContext(options), { ...options, files }));
    });
}

/** How the catalog is read: fields of the input. */
function addCatalogOptions(run: Command): Command {
  return run
    .option(
      '--id-column <name>',
      'the catalog column with ids (default: id); repeat it for ids of several columns',
      collect,
    )
    .option(
      '--url-column <name>',
      'the catalog column with image URLs (default: url), or a path such as images[].url; repeat it for several columns',
      collect,
    )
    .option(
      '--format <name>',
      `the format, where the name does not tell: ${CATALOG_FORMATS.join(', ')}`,
    )
    .option('--many', 'several images per id: every image has the id <id>#<hash of its URL>')
    .option('--id-from <what>', `what the ids are made of: ${ID_SOURCES.join(', ')}`)
    .option('--no-header', 'the first row is data; columns are called column_1, column_2, …')
    .option(
      '--url-separator <text>',
      'what separates several URLs in one cell (default: by the cell)',
    )
    .option(
      '--url-template <template>',
      'makes the URLs of columns, as https://example.org/{id}.jpg',
    )
    .option('--base-url <url>', 'the start of URLs that have no scheme')
    .option('--records <key>', 'the key under which a JSON file has its records, as data.items')
    .option('--integer-ids', 'ids that are whole numbers lose their .0: 12.0 becomes 12');
}

/** The values of an option that may be repeated. */
function collect(value: string, former: readonly string[] | undefined): readonly string[] {
  return [...(former ?? []), value];
}

function addReadCommands(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'status',
    'how far runs are, from the disk alone: works while the database is locked and Temporal is down',
  )
    .argument('[run]', 'a run id or workflow id')
    .option('--json', 'for programs')
    .option('--watch', 'again and again, until Ctrl-C')
    .action(async (run: string | undefined, _options, self: Command) => {
      const { status } = await import('./commands/status.js');
      const options = self.optsWithGlobals<DataOption>();
      setExitCode(await status(createContext(options), { ...options, run }));
    });
  command(program, 'query', 'ask the snapshot, read-only')
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

interface VerifyFlags {
  readonly deep?: boolean;
  readonly json?: boolean;
}

function addCheckCommands(program: Command, setExitCode: SetExitCode): void {
  command(program, 'verify', 'check that disk, ledgers and snapshot agree')
    .option('--deep', 'hash every file')
    .option('--json', 'for programs')
    .action(async (_options, self: Command) => {
      const { verify } = await import('./commands/verify.js');
      const options = self.optsWithGlobals<DataOption & VerifyFlags>();
      setExitCode(await verify(createContext(options), options));
    });
}

/** Commands that need nothing but their context. */
function addMaintenanceCommands(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'repair',
    'fetch again what verify found broken; damaged files are kept in quarantine/',
  ).action(async (_options, self: Command) => {
    const { repair } = await import('./commands/repair.js');
    setExitCode(await repair(createContext(self.optsWithGlobals<DataOption>())));
  });
  command(
    program,
    'rebuild',
    'make the warehouse anew from catalogs, ledgers and files; the former one is kept beside it',
  ).action(async (_options, self: Command) => {
    const { rebuild } = await import('./commands/rebuild.js');
    setExitCode(await rebuild(createContext(self.optsWithGlobals<DataOption>())));
  });
  command(program, 'prune', "delete files that no row names, old runs' plans, former snapshots")
    .option('--dry-run', 'only say what would be deleted')
    .action(async (_options, self: Command) => {
      const { prune } = await import('./commands/prune.js');
      const options = self.optsWithGlobals<DataOption & { readonly dryRun?: boolean }>();
      setExitCode(await prune(createContext(options), options));
    });
  command(
    program,
    'doctor',
    'what is installed, reachable, writable, and which settings are in force; each finding with what to do',
  ).action(async (_options, self: Command) => {
    const { doctor } = await import('./commands/doctor.js');
    const options = self.optsWithGlobals<DataOption>();
    setExitCode(await doctor(createContext(options), options));
  });
}

function addDemoCommand(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'demo',
    'the main job on a real catalog, against an origin on loopback that misbehaves',
  ).action(async (_options, self: Command) => {
    const { demo } = await import('./commands/demo.js');
    setExitCode(await demo(self.optsWithGlobals<DataOption>()));
  });
}
