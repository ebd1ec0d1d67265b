/** Crashes a batch while it stores images, and checks what a resumed batch leaves on disk. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { sweepTempFiles } from '../../../src/files/temp-names';
import { BatchFixture, RUN, entryOf } from '../../download/batch-fixture';
import { picture } from '../../helpers/images/images';
import { reply, startLyingServer } from '../../helpers/hosts/lying-server';
import { traced, type Injection, type TracedEnd } from '../traced-batch';

const NAMES = ['/0', '/1', '/2'];
const budgets = { default: { connections: 1, requestsPerSecond: 500 } };
const input = { budgets, verify: 'signature' as const };

/**
 * `end` is the result of the batch that was disturbed. `problems` lists what is wrong on disk after
 * it and after the resumed batch.
 */
export interface Crash {
  readonly end: TracedEnd;
  readonly problems: readonly string[];
}

/**
 * Runs a batch of three images, one of which has two ids, with the given injection, then a second
 * batch that resumes it.
 */
export async function crash(injection: Injection): Promise<Crash> {
  const server = await startLyingServer();
  const batch = new BatchFixture(server.port);
  try {
    for (const [seed, name] of NAMES.entries())
      server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
    const url = (name: string): string => `http://127.0.0.1:${server.port}${name}`;
    batch.plan([entryOf(url('/0')), entryOf(url('/1'), '/1', 'shared'), entryOf(url('/2'))]);
    // The batch may access these folders before it creates anything in them.
    for (const folder of ['tmp', 'raw', 'runs'])
      fs.mkdirSync(path.join(batch.root, folder), { recursive: true });
    let end: TracedEnd = { answer: null };
    await batch.run({ input, work: traced(injection, (seen) => (end = seen)) });
    const problems = badFiles(batch);
    await batch.run({ input: { ...input, previousDispatch: 0 } });
    sweepTempFiles({ root: batch.root, runId: RUN });
    return { end, problems: [...problems, ...badFiles(batch), ...unsettled(batch)] };
  } finally {
    await batch.dispose();
    await server.close();
  }
}

/** Files under final names that are not whole. Each name contains the hash of the file's bytes. */
function badFiles(batch: BatchFixture): readonly string[] {
  return batch.files().flatMap((file) => {
    const sha256 = createHash('sha256')
      .update(fs.readFileSync(path.join(batch.root, file)))
      .digest('hex');
    return file.includes(`.${sha256.slice(0, 12)}.`) ? [] : [`not whole: ${file}`];
  });
}

/** Ids without a whole line or without their file, files without a line, and temporary files. */
function unsettled(batch: BatchFixture): readonly string[] {
  const lines = wholeLines(batch);
  const stored = new Map(
    lines.filter(({ outcome }) => outcome === 'stored').map((line) => [line.id, line.path]),
  );
  const missing = [...NAMES, 'shared'].filter((id) => !stored.has(id));
  const named = new Set(lines.map((line) => line.path));
  return [
    ...missing.map((id) => `not stored: ${id}`),
    ...batch.files().flatMap((file) => (named.has(file) ? [] : [`nobody's: ${file}`])),
    ...[...stored.values()].flatMap((file) =>
      batch.files().includes(file) ? [] : [`gone: ${file}`],
    ),
    ...batch.temps().map((name) => `left: ${name}`),
  ];
}

interface Line {
  readonly id: string;
  readonly outcome: string;
  readonly path: string;
}

/** A partial line at the end of a dead attempt's ledger does not count. */
function wholeLines(batch: BatchFixture): readonly Line[] {
  return batch
    .ledgerFiles()
    .flatMap((file) => fs.readFileSync(file, 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Line);
}
