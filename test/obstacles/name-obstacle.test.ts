/** The obstacle of a late activity, from the facts that were found. */
import { nameObstacle, type WaitingFacts } from '../../src/obstacles/name-obstacle';
import type { LockHolder } from '../../src/files/process/file-holder';

const worker: LockHolder = { pid: 11, program: 'node', since: null, isStopped: false };
const shell: LockHolder = { pid: 22, program: 'duckdb', since: null, isStopped: false };
const since = Date.parse('2026-01-01T00:00:00Z');

const place = {
  dataRoot: '/data',
  queuePrefix: 'artemis',
  server: { address: '127.0.0.1:7233', namespace: 'default' },
};

/** The activity waits for its next attempt, and the worker that holds the lock polls. */
const waiting: WaitingFacts = {
  input: {
    warehouseId: 'w',
    runId: 'r',
    queue: 'warehouse',
    taskQueue: 'artemis-warehouse',
    activity: 'commitLedgers',
  },
  place,
  pending: {
    activityId: 'recover',
    workflowId: 'tate-download',
    pausedBecause: null,
    isStarted: false,
    worker: '11@here',
    lastFailure: null,
    waitingSince: null,
  },
  workers: ['11@here'],
  writers: { writer: worker, warehouse: null },
  lease: null,
  patienceMs: 3_600_000,
};
const lockFailure = { code: 'db_locked', message: 'held in duckdb (PID 22). Close that program' };

describe('nameObstacle', () => {
  it('names the program that DuckDB reported, and when the step will park', () => {
    const pending = { ...waiting.pending, lastFailure: lockFailure, waitingSince: since };
    expect(nameObstacle({ ...waiting, pending })).toEqual({
      kind: 'locked',
      queue: 'warehouse',
      code: 'db_locked',
      words: lockFailure.message,
      command: null,
      lockedSince: '2026-01-01T00:00:00.000Z',
      parksAt: '2026-01-01T01:00:00.000Z',
    });
  });

  it('names the program that has the file open before the worker has run into it', () => {
    const found = nameObstacle({ ...waiting, writers: { writer: worker, warehouse: shell } });
    expect(found).toMatchObject({ kind: 'locked', parksAt: null });
    expect(found.words).toContain('pid 22 (duckdb)');
  });

  it('says how to continue a program that was stopped', () => {
    const pending = { ...waiting.pending, lastFailure: lockFailure, waitingSince: since };
    const warehouse = { ...shell, isStopped: true };
    const { words } = nameObstacle({
      ...waiting,
      pending,
      writers: { writer: worker, warehouse },
    });
    expect(words).toContain('kill -CONT 22');
  });

  it('names the stopped worker, whatever failed before', () => {
    const pending = { ...waiting.pending, lastFailure: lockFailure };
    const writers = { writer: { ...worker, isStopped: true }, warehouse: null };
    const found = nameObstacle({ ...waiting, pending, writers });
    expect(found).toMatchObject({ kind: 'stopped', code: null });
    expect(found.words).toContain('kill -CONT 11');
  });

  it('names the pause by an operator before any other obstacle, with the command that ends it', () => {
    const pending = { ...waiting.pending, pausedBecause: 'backup', lastFailure: lockFailure };
    const found = nameObstacle({ ...waiting, pending, workers: [] });
    expect(found).toMatchObject({ kind: 'paused', code: null });
    expect(found.words).toContain('the activity recover (commitLedgers) is paused');
    expect(found.words).toContain('(backup)');
    expect(found.command).toBe(
      'temporal activity unpause --workflow-id tate-download --activity-id recover',
    );
    // A running activity continues to its end.
    const { kind } = nameObstacle({ ...waiting, pending: { ...pending, isStarted: true } });
    expect(kind).toBe('busy');
  });

  it('names a queue that no worker serves, with the command that starts one', () => {
    const writers = { writer: null, warehouse: null };
    const found = nameObstacle({ ...waiting, workers: [], writers });
    expect(found.kind).toBe('unserved');
    expect(found.command).toBe('artemis-pipeline worker --queues warehouse --data /data');
    expect(found.words).toContain('artemis-pipeline up --data /data');
  });

  it('ignores the warehouse for an activity of another queue', () => {
    const input = { ...waiting.input, queue: 'download', taskQueue: 'artemis-download' } as const;
    const writers = { writer: { ...worker, isStopped: true }, warehouse: shell };
    expect(nameObstacle({ ...waiting, input, writers }).kind).toBe('busy');
    expect(nameObstacle({ ...waiting, input, workers: [] })).toMatchObject({ kind: 'unserved' });
  });

  it('quotes a data root with spaces in the command', () => {
    const writers = { writer: null, warehouse: null };
    const found = nameObstacle({
      ...waiting,
      workers: [],
      writers,
      place: { ...place, dataRoot: "/it's here" },
    });
    expect(found.command).toBe(
      String.raw`artemis-pipeline worker --queues warehouse --data '/it'\''s here'`,
    );
  });

  it('names the run that has the lease by its workflow id', () => {
    const input = { ...waiting.input, queue: 'plan', activity: 'awaitLease' } as const;
    const pending = { ...waiting.pending, isStarted: true };
    const takenAt = '2026-01-01T00:00:00.000Z';
    const lease = {
      number: 1,
      runId: 'r2',
      childWorkflowId: 'the other-download',
      takenAt,
      isPaused: false,
    };
    const found = nameObstacle({ ...waiting, input, pending, lease });
    expect(found).toMatchObject({ kind: 'lease', queue: 'plan', code: null });
    expect(found.words).toContain(
      `The run "the other" downloads into this data root, since ${takenAt}`,
    );
    expect(found.command).toBe("artemis-pipeline status 'the other' --data /data");
    // A paused run keeps the lease.
    const paused = nameObstacle({
      ...waiting,
      input,
      pending,
      lease: { ...lease, isPaused: true },
    });
    expect(paused.words).toContain(
      `The run "the other" has the downloads of this data root, since`,
    );
    expect(paused.words).toContain('is paused');
    expect(paused.command).toBe(
      "temporal workflow update execute --workflow-id 'the other' --name resumeRun",
    );
    // No worker is there to ask for the lease.
    const withoutWorkers = { ...waiting, input, lease, workers: [] };
    expect(nameObstacle(withoutWorkers).kind).toBe('unserved');
  });

  it('names a failure that is retried', () => {
    const lastFailure = { code: 'disk_full', message: 'no space' };
    const found = nameObstacle({ ...waiting, pending: { ...waiting.pending, lastFailure } });
    expect(found).toMatchObject({ kind: 'failing', code: 'disk_full' });
  });

  it('names a busy worker when the holder of the lock does not poll', () => {
    expect(nameObstacle({ ...waiting, workers: [] }).kind).toBe('busy');
    const pending = { ...waiting.pending, isStarted: true, lastFailure: lockFailure };
    expect(nameObstacle({ ...waiting, pending, workers: [] }).words).toContain('is processing it');
  });

  it('names a busy worker when a batch waits for room to run in a process of its own', () => {
    const input = { ...waiting.input, queue: 'download', activity: 'downloadBatch' } as const;
    const lastFailure = { code: 'no_room_apart', message: '2 workers died over this batch' };
    const pending = { ...waiting.pending, lastFailure };
    const found = nameObstacle({ ...waiting, input, pending });
    expect(found).toMatchObject({ kind: 'busy', code: null });
    expect(found.words).toContain('downloadBatch waits for its turn');
  });

  it('names the worker of another build that does not know the activity', () => {
    const lastFailure = { code: 'NotFoundError', message: 'is not registered on this Worker' };
    const pending = { ...waiting.pending, worker: '33@there', lastFailure };
    const found = nameObstacle({ ...waiting, pending });
    expect(found.kind).toBe('failing');
    expect(found.words).toContain('33@there (<pid>@<host>) does not know commitLedgers');
    expect(found.words).toContain('artemis-pipeline worker --queues warehouse');
  });
});
