/**
 * Calls getaddrinfo in a helper process. It can query services other than DNS (mDNS, a directory),
 * but blocks a thread for an unlimited time.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { builtFile } from '../../files/process/built-file';

export interface SystemQuestion {
  readonly id: number;
  readonly name: string;
}

/** The answer of the system. It has no addresses when the system does not know the name. */
export interface SystemAnswer {
  readonly id: number;
  readonly addresses: readonly string[];
}

/** The same as the number of look-ups that Node's thread pool runs at once. */
const MAX_RUNNING_JOBS = 4;
/** The longest queue. The helper could not process a longer one within the time limit. */
const MAX_WAITING_JOBS = 256;
const JOB_LIMIT_MS = 10_000;
const IDLE_MS = 30_000;
const HEAP_MEBIBYTES = 64;

interface Job extends SystemQuestion {
  readonly resolve: (addresses: readonly string[]) => void;
  timer: NodeJS.Timeout | null;
  /** True when the time limit has passed. The look-up still occupies a thread of the helper. */
  hasTimedOut: boolean;
}

export class SystemLookup {
  #child: ChildProcess | null = null;
  #nextId = 0;
  readonly #waitingJobs: Job[] = [];
  /** Jobs that the helper works on, by id. */
  readonly #runningJobs = new Map<number, Job>();
  #idleTimer: NodeJS.Timeout | null = null;

  /**
   * Always resolves. The result is empty if the system does not know the name, and if the helper
   * fails, is overloaded or takes too long.
   */
  addressesOf(name: string): Promise<readonly string[]> {
    if (this.#waitingJobs.length >= MAX_WAITING_JOBS) return Promise.resolve([]);
    return new Promise((resolve) => {
      this.#nextId += 1;
      this.#waitingJobs.push({ id: this.#nextId, name, resolve, timer: null, hasTimedOut: false });
      this.#sendNext();
    });
  }

  close(): void {
    for (const job of this.#waitingJobs.splice(0)) job.resolve([]);
    this.#stopChild();
  }

  #sendNext(): void {
    while (this.#runningJobs.size < MAX_RUNNING_JOBS) {
      const job = this.#waitingJobs.shift();
      if (job === undefined) return;
      this.#send(job);
    }
  }

  #send(job: Job): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    this.#child ??= this.#startChild();
    this.#runningJobs.set(job.id, job);
    job.timer = setTimeout(() => {
      job.hasTimedOut = true;
      job.resolve([]);
      // When all threads hang, only a new process can continue.
      if ([...this.#runningJobs.values()].every(({ hasTimedOut }) => hasTimedOut))
        this.#stopChild();
    }, JOB_LIMIT_MS);
    this.#child.send({ id: job.id, name: job.name } satisfies SystemQuestion, () => undefined);
  }

  #startChild(): ChildProcess {
    const child = fork(builtFile('http/names/system-lookup-process.js'), [], {
      detached: true,
      env: {},
      execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: SystemAnswer) => {
      this.#handleAnswer(answer);
    });
    const onChildEnded = (): void => {
      if (this.#child === child) this.#stopChild();
    };
    child.on('error', onChildEnded).on('exit', onChildEnded);
    // The time limit of a job keeps this process alive; the helper alone does not.
    child.unref();
    child.channel?.unref();
    return child;
  }

  #handleAnswer({ id, addresses }: SystemAnswer): void {
    const job = this.#runningJobs.get(id);
    this.#runningJobs.delete(id);
    if (job !== undefined) finishJob(job, addresses);
    this.#sendNext();
    if (this.#runningJobs.size > 0) return;
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
    const lostJobs = [...this.#runningJobs.values()];
    this.#runningJobs.clear();
    for (const job of lostJobs) finishJob(job, []);
    this.#sendNext();
  }
}

function finishJob(job: Job, addresses: readonly string[]): void {
  if (job.timer !== null) clearTimeout(job.timer);
  job.resolve(addresses);
}
