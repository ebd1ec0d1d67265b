/**
 * Asks getaddrinfo, in a helper process: it knows services that DNS does not (mDNS, a directory),
 * but it blocks a thread for as long as it likes.
 */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';

export interface SystemQuestion {
  readonly id: number;
  readonly name: string;
}

/** No addresses: the system does not know the name. */
export interface SystemAnswer {
  readonly id: number;
  readonly addresses: readonly string[];
}

/** As many as Node's thread pool runs at once. */
const MOST_UNDER_WAY = 4;
/** A longer queue than the helper can work off within its time limit would be of no use. */
const MOST_WAITING = 256;
const LIMIT_MS = 10_000;
const IDLE_MS = 30_000;
const HEAP_MEBIBYTES = 64;

/** `isOver`: its time is over, though it still occupies a thread of the helper. */
interface Job extends SystemQuestion {
  readonly resolve: (addresses: readonly string[]) => void;
  timer: NodeJS.Timeout | null;
  isOver: boolean;
}

export class SystemLookup {
  #child: ChildProcess | null = null;
  #nextId = 0;
  readonly #waiting: Job[] = [];
  /** By id: jobs that the helper works on. */
  readonly #underWay = new Map<number, Job>();
  #idleTimer: NodeJS.Timeout | null = null;

  /**
   * Always resolves; without addresses also when the helper fails, has too much to do, or takes too
   * long.
   */
  addressesOf(name: string): Promise<readonly string[]> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.resolve([]);
    return new Promise((resolve) => {
      this.#nextId += 1;
      this.#waiting.push({ id: this.#nextId, name, resolve, timer: null, isOver: false });
      this.#sendNext();
    });
  }

  close(): void {
    for (const job of this.#waiting.splice(0)) job.resolve([]);
    this.#stopChild();
  }

  #sendNext(): void {
    while (this.#underWay.size < MOST_UNDER_WAY) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#send(job);
    }
  }

  #send(job: Job): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    this.#child ??= this.#start();
    this.#underWay.set(job.id, job);
    job.timer = setTimeout(() => {
      job.isOver = true;
      job.resolve([]);
      // All threads hang: only a new process can go on.
      if ([...this.#underWay.values()].every(({ isOver }) => isOver)) this.#stopChild();
    }, LIMIT_MS);
    this.#child.send({ id: job.id, name: job.name } satisfies SystemQuestion, () => undefined);
  }

  /** From sources (tests) the child is the compiled one: Node cannot fork TypeScript. */
  #start(): ChildProcess {
    const isSource = __filename.endsWith('.ts');
    const folder = isSource ? path.join(__dirname, '../../../dist/http/names') : __dirname;
    const child = fork(path.join(folder, 'system-lookup-process.js'), [], {
      detached: true,
      env: {},
      execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: SystemAnswer) => {
      this.#answered(answer);
    });
    const gone = (): void => {
      if (this.#child === child) this.#stopChild();
    };
    child.on('error', gone).on('exit', gone);
    // A job's time limit keeps this process alive, the helper by itself does not.
    child.unref();
    child.channel?.unref();
    return child;
  }

  #answered({ id, addresses }: SystemAnswer): void {
    const job = this.#underWay.get(id);
    this.#underWay.delete(id);
    if (job !== undefined) finish(job, addresses);
    this.#sendNext();
    if (this.#underWay.size > 0) return;
    this.#idleTimer = setTimeout(() => {
      this.#stopChild();
    }, IDLE_MS);
    this.#idleTimer.unref();
  }

  #stopChild(): void {
    const child = this.#child;
    this.#child = null;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    child?.kill('SIGKILL');
    const lost = [...this.#underWay.values()];
    this.#underWay.clear();
    for (const job of lost) finish(job, []);
    this.#sendNext();
  }
}

function finish(job: Job, addresses: readonly string[]): void {
  if (job.timer !== null) clearTimeout(job.timer);
  job.resolve(addresses);
}
