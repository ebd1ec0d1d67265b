/**
 * What the failed attempts of a lane's images were, for the batches that try them again: how many count, and what the last
 * answer was. One file an execution, beside the plan; images that are recorded in a ledger are not looked up here again.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ImageCode } from '../../contract/outcome';
import { runPaths } from '../data-root';
import { onDisk } from '../disk-errors';

const failure = z.strictObject({
  code: z.string().transform((code) => code as ImageCode),
  message: z.string(),
  isTransient: z.boolean(),
});

const answer = z.strictObject({
  status: z.number(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  finalHost: z.string(),
});

const history = z.strictObject({
  /** Failed attempts that count. */
  attempts: z.number(),
  /** The last failure that came with an answer, and the head of that answer. */
  answered: z.strictObject({ failure, answer }).nullable(),
  /** The last failure without an answer, when it came later. */
  unanswered: failure.nullable(),
});

const line = z.strictObject({ entry: z.number(), dispatch: z.number(), history });

/** What is known of the failed attempts of one entry of a lane. */
export type AttemptHistory = z.infer<typeof history>;

export const NO_ATTEMPTS: AttemptHistory = { attempts: 0, answered: null, unanswered: null };

/** Where a lane's journal is: `runs/<runId>/plan/attempts/<lane>/`. */
export interface JournalPlace {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
}

export interface AttemptJournal {
  /** What batches before this one, or this one, noted of an entry. */
  historyOf(entry: number): AttemptHistory;
  /** Not synced: what is lost with the machine is an attempt, not an image. @throws StepError disk_*. */
  note(entry: number, history: AttemptHistory): void;
  close(): void;
}

/** @throws StepError disk_*. */
export function openAttemptJournal(
  place: JournalPlace & { readonly execution: string; readonly dispatch: number },
): AttemptJournal {
  const folder = path.join(runPaths(place.root, place.runId).plan, 'attempts', place.lane);
  const known = readJournal(folder);
  let descriptor: number | null = null;
  return {
    historyOf: (entry) => known.get(entry) ?? NO_ATTEMPTS,
    note: (entry, noted) => {
      known.set(entry, noted);
      onDisk('note an attempt', () => {
        descriptor ??= create(folder, place.execution);
        const text = JSON.stringify({ entry, dispatch: place.dispatch, history: noted });
        fs.writeSync(descriptor, `${text}\n`);
      });
    },
    close: () => {
      if (descriptor !== null) fs.closeSync(descriptor);
      descriptor = null;
    },
  };
}

function create(folder: string, execution: string): number {
  fs.mkdirSync(folder, { recursive: true });
  return fs.openSync(path.join(folder, `${execution}.ndjson`), 'wx');
}

/** Of each entry the line of the latest batch; within one file the last. A torn or foreign line is passed over. */
function readJournal(folder: string): Map<number, AttemptHistory> {
  const latest = new Map<number, { readonly dispatch: number; readonly history: AttemptHistory }>();
  for (const name of namesIn(folder)) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    for (const one of text.split('\n').flatMap(parsed)) {
      const before = latest.get(one.entry);
      if (before === undefined || before.dispatch <= one.dispatch) latest.set(one.entry, one);
    }
  }
  return new Map([...latest].map(([entry, one]) => [entry, one.history]));
}

function namesIn(folder: string): readonly string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
}

function parsed(text: string): readonly z.infer<typeof line>[] {
  if (text === '') return [];
  try {
    return [line.parse(JSON.parse(text))];
  } catch {
    return [];
  }
}
