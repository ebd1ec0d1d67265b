/**
 * A data root with the built command line, as a user would use it. Every command is a real process.
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../../src/config';
import type { HostBudget } from '../../../src/contract/run-input';
import type { RunEntry, Summary } from '../../../src/contract/run-record';
import { readStatus, type StatusReport } from '../../../src/files/run/run-status';
import { createLogger } from '../../../src/log';
import { ensureServer } from '../../../src/server/embedded/dev-server';
import { readServerRecord } from '../../../src/server/embedded/server-record';
import { verify, type VerifyReport } from '../../../src/verify/verify';
import { querySnapshot } from '../../../src/warehouse/snapshot/query-snapshot';
import { startOrigin, type Origin } from '../hosts/origin';
import {
  FOLDER_VARIABLE,
  claimNamespace,
  readSharedServer,
  type SharedServer,
} from '../suites/shared-server';
import { tateCatalog } from '../images/tate-catalog';
import { until } from '../until';
import { commandOf, outputOf, type Command, type Finished } from './command';
import { unlistedFiles } from './unlisted-files';

export type { Command, Finished };

const BIN = path.join(__dirname, '../../../bin/artemis-pipeline.js');

/** Variables of the environment of every command. */
type Settings = Readonly<Record<string, string>>;

export class Pipeline {
  readonly folder: string;
  readonly root: string;
  private readonly commands: ChildProcess[] = [];

  private constructor(
    folder: string,
    readonly origin: Origin,
    private readonly settings: Settings,
    private readonly behind: readonly string[],
  ) {
    this.folder = folder;
    this.root = path.join(folder, 'data');
  }

  /**
   * Creates a pipeline with an origin of its own. Commits are frequent, so that there is something
   * to kill. `behind` returns the words before every command, for the folder in which the commands
   * run.
   */
  static async create(
    settings: Settings = {},
    behind: (folder: string) => Promise<readonly string[]> = () => Promise.resolve([]),
  ): Promise<Pipeline> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-run-'));
    return new Pipeline(folder, await startOrigin(folder), settings, await behind(folder));
  }

  /** Creates a pipeline with a namespace of its own on the Temporal server of all suites. */
  static async onSharedServer(settings: Settings = {}): Promise<Pipeline> {
    return Pipeline.create({ ...(await claimNamespace()), ...settings });
  }

  /** Writes a catalog of real artworks below the data root and returns its path relative to it. */
  async writeCatalog(count: number): Promise<string> {
    fs.mkdirSync(path.join(this.root, 'catalogs'), { recursive: true });
    const name = `catalogs/tate_${count}.csv`;
    fs.writeFileSync(path.join(this.root, name), await tateCatalog(count, this.origin.port));
    return name;
  }

  start(...words: readonly string[]): Command {
    return this.startWith({}, ...words);
  }

  /** Starts a command with further variables, which take precedence. */
  startWith(variables: Settings, ...words: readonly string[]): Command {
    const [program = '', ...rest] = [...this.behind, process.execPath, BIN, ...words];
    return this.spawn(program, rest, { ...this.environment(), ...variables });
  }

  /**
   * Types a line into a shell in another folder, which knows only the program and the variables of
   * hosts.
   */
  startPasted(line: string): Command {
    const bin = path.join(this.folder, 'bin');
    fs.mkdirSync(bin, { recursive: true });
    const shim = `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`;
    fs.writeFileSync(path.join(bin, 'artemis-pipeline'), shim, { mode: 0o755 });
    const known = this.environment();
    const env = Object.fromEntries(
      Object.entries(known).filter(
        ([name]) => !/^(ARTEMIS_(DATA|QUEUE_PREFIX)|TEMPORAL_.*)$/.test(name),
      ),
    );
    const searched = `${bin}:${known.PATH ?? ''}`;
    return this.spawn('bash', ['-c', `cd / && ${line}`], { ...env, PATH: searched });
  }

  /** Starts the command of another build. */
  startProgram(bin: string, ...words: readonly string[]): Command {
    const [program = '', ...rest] = [...this.behind, process.execPath, bin, ...words];
    return this.spawn(program, rest, this.environment());
  }

  /**
   * Runs Temporal's own CLI against the server of the data root. `artemis-pipeline temporal …`
   * starts the same program, but without a Node process before it a call takes a tenth of the time.
   */
  runTemporal(...words: readonly string[]): Promise<Finished> {
    const { address, cli } = this.server();
    const [program = '', ...rest] = [...this.behind, cli, ...words];
    const env = { TEMPORAL_ADDRESS: address, ...this.environment() };
    return this.spawn(program, rest, env).finished;
  }

  /** Runs Temporal's own CLI, which must succeed, and returns its output. */
  async temporal(...words: readonly string[]): Promise<string> {
    return outputOf(`temporal ${words.join(' ')}`, await this.runTemporal(...words));
  }

  /** Runs a command to its end. */
  run(...words: readonly string[]): Promise<Finished> {
    return this.start(...words).finished;
  }

  /** Runs a command that must succeed, and returns its output. */
  async expectFine(...words: readonly string[]): Promise<string> {
    return outputOf(words.join(' '), await this.run(...words));
  }

  /** Sets the budget of all hosts without a budget of their own, in a run that is under way. */
  async setDefaultBudget(workflowId: string, budget: HostBudget): Promise<void> {
    const input = JSON.stringify({ host: 'default', ...budget });
    await this.temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', workflowId],
      ...['--name', 'setHostBudget', '--input', input],
    );
  }

  /** Starts `up` and waits until its workers poll. */
  async up(): Promise<Command> {
    const command = this.start('up');
    await command.says('workers are ready');
    return command;
  }

  /** The status, as the command `status` reads it. */
  status(): Promise<StatusReport> {
    return readStatus(this.root, new Date());
  }

  /**
   * Waits until `isSo` is true for the newest run, and returns that run. Reads the status without
   * starting a process.
   *
   * @throws an Error after `seconds`.
   */
  when(isSo: (run: RunEntry) => boolean, seconds = 150): Promise<RunEntry> {
    return this.poll(() => true, isSo, seconds);
  }

  /**
   * Waits until `isSo` is true for the newest run of a workflow id, regardless of other runs.
   *
   * @throws an Error after `seconds`.
   */
  whenRunOf(
    workflowId: string,
    isSo: (run: RunEntry) => boolean,
    seconds = 150,
  ): Promise<RunEntry> {
    return this.poll((run) => run.workflowId === workflowId, isSo, seconds);
  }

  private async poll(
    isMeant: (run: RunEntry) => boolean,
    isSo: (run: RunEntry) => boolean,
    within: number,
  ): Promise<RunEntry> {
    let last: RunEntry | undefined;
    const look = async (): Promise<RunEntry | false> => {
      last = (await this.status()).runs.find(isMeant);
      return last !== undefined && isSo(last) && last;
    };
    const saying = (): string => `a run that is as wanted; it is ${JSON.stringify(last)}`;
    return until(look, { within, every: 100, saying });
  }

  /** The rows that `query` prints. */
  async query<Row>(sql: string): Promise<Row[]> {
    const { database } = loadConfig(this.environment());
    const { rows } = await querySnapshot({ dataRoot: this.root, sql, database });
    return JSON.parse(JSON.stringify(rows)) as Row[];
  }

  /**
   * What `verify --json` prints, without a process each time, which spends most of its time on
   * loading modules. The command itself is what test/verify proves.
   */
  verify({ deep }: { readonly deep: boolean }): Promise<VerifyReport> {
    const { database } = loadConfig(this.environment());
    const onProgress = (): void => undefined;
    return verify({ dataRoot: this.root, database, deep, onProgress });
  }

  /** Every check of `verify --deep` must succeed. */
  async expectVerified(): Promise<void> {
    const { checks } = await this.verify({ deep: true });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  }

  get namespace(): string {
    return this.settings.TEMPORAL_NAMESPACE ?? 'default';
  }

  /** The server in use: that of all suites, or the embedded one that was started last. */
  server(): SharedServer {
    const shared = readSharedServer(process.env[FOLDER_VARIABLE] ?? '');
    if (shared !== null && shared.address === this.settings.TEMPORAL_ADDRESS) return shared;
    const file = path.join(this.root, 'temporal', 'server.json');
    return JSON.parse(fs.readFileSync(file, 'utf8')) as SharedServer;
  }

  /** Starts the data root's own server as `up` does, without a process that loads all workers. */
  async startServer(): Promise<void> {
    const log = createLogger({ level: 'silent', pretty: false });
    await ensureServer({ dataRoot: this.root, env: this.environment(), log });
  }

  /** Kills the embedded server with SIGKILL. */
  killServer(): void {
    process.kill(this.server().pid, 'SIGKILL');
  }

  /** Image files below the data root. */
  files(): readonly string[] {
    const folder = path.join(this.root, 'raw');
    if (!fs.existsSync(folder)) return [];
    const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  summary(runId: string): Summary {
    const file = path.join(this.root, 'runs', runId, 'summary.json');
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Summary;
  }

  /** Removes everything. docs/reference/files.md must list each file that was in the data root. */
  async dispose(): Promise<void> {
    await this.stop();
    await this.origin.stop();
    const unlisted = unlistedFiles(this.root);
    fs.rmSync(this.folder, { recursive: true, force: true });
    expect(unlisted).toEqual([]);
  }

  /** Kills its commands and its embedded server. */
  async stop(): Promise<void> {
    for (const command of this.commands) {
      if (command.exitCode !== null || command.signalCode !== null) continue;
      const exited = once(command, 'exit');
      command.kill('SIGKILL');
      await exited;
    }
    await this.stopServer();
  }

  /** Stops the server without the command `down`, which other suites test. */
  private async stopServer(): Promise<void> {
    const record = readServerRecord(this.root);
    if (record === null) return;
    process.kill(record.pid, 'SIGKILL');
    await until(() => readServerRecord(this.root) === null, {
      within: 10,
      saying: `the Temporal server of ${this.root} to end`,
    });
  }

  private spawn(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Command {
    const options: SpawnOptions = { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] };
    const child = spawn(program, words, options);
    this.commands.push(child);
    return commandOf(child, [program, ...words]);
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ARTEMIS_DATA: this.root,
      ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${this.origin.port}`,
      ARTEMIS_COMMIT_SECONDS: '2',
      ...this.settings,
    };
  }
}
