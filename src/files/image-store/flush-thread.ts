/**
 * Flushes groups in a thread of its own. The calls of the file system for one image cost as much
 * time as its request, and on a busy disk creating a file waits for the journal; the event loop,
 * which serves the sockets, does neither.
 */
import { Worker } from 'node:worker_threads';
import { StepError } from '../../contract/errors';
import { builtFile } from '../process/built-file';
import type { PendingMember, PlacedMember } from './flush-group';
import type { FlushAnswer, FlushRequest } from './flush-messages';

/**
 * Size of the young generation of the thread's heap, in MB. Bodies are outside of the heap, so the
 * thread needs little; by default V8 lets it grow to three times this size on Node 24.
 */
const YOUNG_GENERATION_MB = 12;

interface Waiting {
  readonly resolve: (placed: readonly PlacedMember[]) => void;
  readonly reject: (error: Error) => void;
}

export interface FlushOptions {
  readonly root: string;
  /** The number of folders that stay open between flushes. */
  readonly maxOpenFolders: number;
}

/** The thread of this process. It serves all stores, and does not keep the process alive. */
class FlushThread {
  private worker: Worker | null = null;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();

  /** Starts the thread unless it runs. It is ready when its first group has gathered. */
  start(): Worker {
    if (this.worker !== null) return this.worker;
    // A descriptor may be opened by one thread and closed by the other.
    const worker = new Worker(builtFile('files/image-store/flush-worker.js'), {
      trackUnmanagedFds: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on('message', (answer: FlushAnswer) => {
      this.settle(answer);
    });
    worker.once('error', (error) => {
      this.end(worker, error);
    });
    worker.once('exit', (code) => {
      this.end(worker, new Error(`it ended with exit code ${code}`));
    });
    // Must follow the listeners, because adding one for messages makes the thread keep the process
    // alive.
    worker.unref();
    this.worker = worker;
    return worker;
  }

  /**
   * @throws the errors of `syncGroup` and `placeGroup`; an error when the thread ends before it
   *   answers.
   */
  flush(
    { root, maxOpenFolders }: FlushOptions,
    members: readonly PendingMember[],
  ): Promise<readonly PlacedMember[]> {
    const worker = this.start();
    this.lastId += 1;
    const id = this.lastId;
    const request: FlushRequest = { kind: 'flush', id, root, maxOpenFolders, members };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage(request, bodiesOf(members));
    });
  }

  /** Called when a store has no users any more. Closes its folders. */
  closeStore(root: string): void {
    const request: FlushRequest = { kind: 'close', root };
    this.worker?.postMessage(request);
  }

  private settle(answer: FlushAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker?.unref();
    if (answer.kind === 'placed') waiting?.resolve(answer.placed);
    else {
      const { code, message } = answer;
      waiting?.reject(code === null ? new Error(message) : new StepError(code, message));
    }
  }

  private end(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = null;
    for (const { reject } of this.waiting.values())
      reject(new Error(`the thread that stores images ended: ${error.message}`, { cause: error }));
    this.waiting.clear();
  }
}

/**
 * The bodies that can be moved to the thread instead of copied. Afterwards they are empty here. A
 * buffer that Node shares with others (small ones are parts of a pool) stays and is copied.
 */
function bodiesOf(members: readonly PendingMember[]): ArrayBuffer[] {
  return members.flatMap(({ source }) => {
    const content = 'content' in source ? source.content : null;
    if (content === null || !(content.buffer instanceof ArrayBuffer)) return [];
    return content.byteLength === content.buffer.byteLength ? [content.buffer] : [];
  });
}

export const flushThread = new FlushThread();
