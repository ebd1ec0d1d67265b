/**
 * The commands and their options. What a command needs is loaded when it runs, so that `status`
 * starts quickly.
 */
import { Command } from 'commander';
import { version } from '../config';
import { CATALOG_FORMATS, OPAQUE_KINDS } from '../contract/run-input';
import { QUEUE_NAMES } from '../contract/task-queues';
import { addCatalogOptions, collectionOption, memberOption } from './catalog-options';
import { command, dataOption, type DataOption, type SetExitCode } from './command';
import { createContext } from './command-context';
import {
  addModelsCommand,
  addReadCommands,
  addReportCommand,
  addServeCommand,
} from './read-commands';

/**
 * Creates the program.
 *
 * @param setExitCode called with the exit code of the command that ran.
 */
export function createProgram(setExitCode: SetExitCode): Command {
  const program = new Command('artemis-pipeline')
    .description(
      'Downloads every image of a catalog, verifies it, and records it in a DuckDB file that can be read at any time.',
    )
    .version(version, '-V, --version')
    .addOption(dataOption())
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(--help lists what is accepted)');
  addServerCommands(program, setExitCode);
  addRunCommand(program, setExitCode);
  addInspectCommand(program, setExitCode);
  addReadCommands(program, setExitCode);
  addReportCommand(program, setExitCode);
  addServeCommand(program, setExitCode);
  addModelsCommand(program, setExitCode);
  addCheckCommands(program, setExitCode);
  addMaintenanceCommands(program, setExitCode);
  addDemoCommand(program, setExitCode);
  return program;
}

function addServerCommands(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'up',
    'Start a Temporal server if none is configured, and all workers. Ctrl-C drains the workers.',
  ).action(async (_options, self: Command) => {
    const { up } = await import('./commands/up.js');
    setExitCode(await up(createContext(self.optsWithGlobals<DataOption>())));
  });
  command(program, 'down', 'Stop the Temporal server of this data root.').action(
    async (_options, self: Command) => {
      const { down } = await import('./commands/down.js');
      setExitCode(await down(createContext(self.optsWithGlobals<DataOption>())));
    },
  );
  command(program, 'worker', 'Start workers only, for a server that runs elsewhere.')
    .option(
      '--queues <names>',
      `The queues to serve, separated by commas: ${QUEUE_NAMES.join(', ')}.`,
      QUEUE_NAMES.join(','),
    )
    .action(async (_options, self: Command) => {
      const { worker } = await import('./commands/worker.js');
      const options = self.optsWithGlobals<DataOption & { readonly queues: string }>();
      setExitCode(await worker(createContext(options), options.queues));
    });
  command(
    program,
    'temporal',
    'Run the Temporal CLI that "up" uses, with its address and namespace set.',
  )
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: readonly string[], _options, self: Command) => {
      const { temporal, withoutDataOption } = await import('./commands/temporal.js');
      const { data, rest } = withoutDataOption(args);
      const options = { ...self.optsWithGlobals<DataOption>(), ...data };
      setExitCode(await temporal(createContext(options), rest));
    });
}

function addRunCommand(program: Command, setExitCode: SetExitCode): void {
  const run = command(
    program,
    'run',
    'Download the images of a catalog. Ctrl-C cancels the run, which keeps what was downloaded.',
  ).argument(
    '[catalog...]',
    "The catalog: a CSV, TSV, NDJSON, JSON or Parquet file or a list of URLs, plain or compressed (gzip, zstd, zip); or several such files, a folder, or a pattern in quotes such as 'works-*.csv' (default: the catalog and the input with which the collection was read last).",
  );
  addCatalogOptions(run)
    .option(
      '--workflow-id <id>',
      'The id of the run in Temporal (default: from the name of the catalog).',
    )
    .option(
      '--steps <names>',
      'The steps to do, separated by commas (default: ingest,download,publish).',
    )
    .option(
      '--select <which>',
      'The images to download: pending, failed or all (default: pending).',
    )
    .option('--limit <n>', 'Take only the first N rows that have a URL.')
    .option(
      '--only <file>',
      'Take only the images whose ids this file has, one a line (.ndjson: JSON strings).',
    )
    .option('--verify <how>', 'How images are checked: decode or signature (default: decode).')
    .option(
      '--keep <kinds>',
      `Kinds of files to store although they are not decoded, separated by commas: ${OPAQUE_KINDS.join(', ')} (default: none).`,
    )
    .option('--input <json>', 'Further fields of the input, as a JSON object.')
    .option('--dry-run', 'Show what the run would change and download, and start nothing.')
    .action(async (catalogs: readonly string[], _options, self: Command) => {
      const { run: runCatalog } = await import('./commands/run.js');
      const { matchingFiles } = await import('./run/catalog/matching-files.js');
      const options = { ...self.optsWithGlobals<DataOption>(), catalogs: matchingFiles(catalogs) };
      setExitCode(await runCatalog(createContext(options), options));
    });
}

function addInspectCommand(program: Command, setExitCode: SetExitCode): void {
  command(
    program,
    'inspect',
    'Look at a catalog, and print the command that takes every image of it.',
  )
    .argument('<file...>', 'The files of one catalog, a folder, or a pattern in quotes.')
    .option(
      '--format <name>',
      `The format, where the name of the file does not show it: ${CATALOG_FORMATS.join(', ')}.`,
    )
    .addOption(memberOption())
    .addOption(collectionOption())
    .option(
      '--manifests',
      'Print the manifests that a IIIF collection only references, as a configuration of curl.',
    )
    .option('--json', 'Print JSON for programs.')
    .action(async (files: readonly string[], _options, self: Command) => {
      const { inspect } = await import('./commands/inspect.js');
      const { matchingFiles } = await import('./run/catalog/matching-files.js');
      const options = { ...self.optsWithGlobals<DataOption>(), files: matchingFiles(files) };
      setExitCode(await inspect(createContext(options), options));
    });
}

interface VerifyFlags {
  readonly deep?: boolean;
  readonly json?: boolean;
}

function addCheckCommands(program: Command, setExitCode: SetExitCode): void {
  command(program, 'verify', 'Check that the files, the ledgers and the snapshot agree.')
    .option('--deep', 'Hash every file.')
    .option('--json', 'Print JSON for programs.')
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
    'Download again the files that "verify" found missing or damaged. Damaged files are kept in quarantine/.',
  ).action(async (_options, self: Command) => {
    const { repair } = await import('./commands/repair.js');
    setExitCode(await repair(createContext(self.optsWithGlobals<DataOption>())));
  });
  command(
    program,
    'rebuild',
    'Make a new warehouse from catalogs, ledgers and files. The former one is kept beside it.',
  ).action(async (_options, self: Command) => {
    const { rebuild } = await import('./commands/rebuild.js');
    setExitCode(await rebuild(createContext(self.optsWithGlobals<DataOption>())));
  });
  command(
    program,
    'prune',
    'Delete files that no row names, plans of ended runs, and former snapshots.',
  )
    .option('--dry-run', 'Only list what would be deleted.')
    .action(async (_options, self: Command) => {
      const { prune } = await import('./commands/prune.js');
      const options = self.optsWithGlobals<DataOption & { readonly dryRun?: boolean }>();
      setExitCode(await prune(createContext(options), options));
    });
  command(
    program,
    'doctor',
    'Check what is installed, reachable and writable, and show the settings in force. Each problem comes with what to do.',
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
    'Download the images of a real catalog from a server on this machine that sometimes fails, as a demonstration.',
  ).action(async (_options, self: Command) => {
    const { demo } = await import('./commands/demo.js');
    setExitCode(await demo(self.optsWithGlobals<DataOption>()));
  });
}
