/** A data root on which the built command line works, as a user would use it: every command is a real process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostBudget } from '../../src/contract/run-input';
import type { RunEntry, Summary } from '../../src/contract/run-record';
import { readStatus, type StatusReport } from '../../src/files/run/run-status';
import { startOrigin, type Origin } from './origin';
import { tateCatalog } from './tate-catalog';

const BIN = path.join(__dirname, '../../bin/artemis-pipeline.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Command {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  stderr(): string;
  /** Waits until stderr has the words. **Errors** when the command ends before. */
  says(words: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export class Pipeline {
  readonly folder: string;
  readonly root: string;
  private readonly commands: ChildProcess[] = [];

  private constructor(
    folder: string,
    readonly origin: Origin,
    private readonly settings: Readonly<Record<string, string>>,
    private readonly behind: readonly string[],
  ) {
    this.folder = folder;
    this.root = path.join(folder, 'data');
  }

  /**
   * With an origin of its own; commits are frequent, so that there is something to kill. `behind`: what stands before every
   * command, given the folder in which they run.
   */
  static async create(
    settings: Readonly<Record<string, string>> = {},
    behind: (folder: string) => Promise<readonly string[]> = () => Promise.resolve([]),
  ): Promise<Pipeline> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-run-'));
    return new Pipeline(folder, await startOrigin(folder), settings, await behind(folder));
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

  /** With further variables, which win. */
  startWith(variables: Readonly<Record<string, string>>, ...words: readonly string[]): Command {
    const [program = '', ...rest] = [...this.behind, process.execPath, BIN, ...words];
    const child = spawn(program, rest, {
      cwd: this.folder,
      env: { ...this.environment(), ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.commands.push(child);
    return commandOf(child, words);
  }

  /** Runs a command to its end. */
  run(...words: readonly string[]): Promise<Finished> {
    return this.start(...words).finished;
  }

  /** Runs a command that must succeed; returns what it printed. */
  async expectFine(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...words);
    if (code !== 0)
      throw new Error(`${words.join(' ')} ended with ${String(code)}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** What all hosts without a budget of their own are given from now on, in a run that is under way. */
  async setDefaultBudget(workflowId: string, budget: HostBudget): Promise<void> {
    const input = JSON.stringify({ host: 'default', ...budget });
    await this.expectFine(
      ...['temporal', 'workflow', 'update', 'execute', '--workflow-id', workflowId],
      ...['--name', 'setHostBudget', '--input', input],
    );
  }

  /** Starts `up` and waits until its workers poll. */
  async up(): Promise<Command> {
    const command = this.start('up');
    await command.says('workers are ready');
    return command;
  }

  async status(): Promise<StatusReport> {
    return JSON.parse(await this.expectFine('status', '--json')) as StatusReport;
  }

  /** The newest run, as soon as `isSo`; read as `status` reads it, without a process each time. **Errors** after so many seconds. */
  when(isSo: (run: RunEntry) => boolean, seconds = 150): Promise<RunEntry> {
    return this.poll(() => true, isSo, seconds);
  }

  /** The newest run of a workflow id, whatever other runs there are. **Errors** after so many seconds. */
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
    seconds: number,
  ): Promise<RunEntry> {
    const deadline = Date.now() + seconds * 1_000;
    let last: RunEntry | undefined;
    while (Date.now() < deadline) {
      last = (await readStatus(this.root, new Date())).runs.find(isMeant);
      if (last !== undefined && isSo(last)) return last;
      await delay(250);
    }
    throw new Error(`in vain: ${JSON.stringify(last)}`);
  }

  async query<Row>(sql: string): Promise<Row[]> {
    return JSON.parse(await this.expectFine('query', sql, '--format', 'json')) as Row[];
  }

  /** The embedded server that was started last. */
  server(): { readonly pid: number; readonly address: string; readonly cli: string } {
    const file = path.join(this.root, 'temporal', 'server.json');
    return JSON.parse(fs.readFileSync(file, 'utf8')) as ReturnType<Pipeline['server']>;
  }

  /** kill -9 of the embedded server. */
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

  async dispose(): Promise<void> {
    for (const command of this.commands) {
      if (command.exitCode !== null || command.signalCode !== null) continue;
      const exited = once(command, 'exit');
      command.kill('SIGKILL');
      await exited;
    }
    await this.run('down');
    await this.origin.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
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

function commandOf(child: ChildProcess, words: readonly string[]): Command {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  const finished = once(child, 'close').then(() => ({ code: child.exitCode, ...texts }));
  return {
    pid: child.pid ?? 0,
    finished,
    stderr: () => texts.stderr,
    says: async (wanted) => {
      while (!texts.stderr.includes(wanted)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`"${words.join(' ')}" ended without "${wanted}":\n${texts.stderr}`);
        await delay(50);
      }
    },
    kill: (signal) => child.kill(signal),
  };
}
