/**
 * The failed attempts of a lane's images, for batches that try these images again: the number of
 * attempts and the last answer of the host.
 *
 * Each attempt of a batch writes one file beside the plan. Images that a ledger contains are not
 * looked up here again.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ImageCode } from '../../contract/outcome';
import { runPaths } from '../data-root';
import { onDisk } from '../disk-errors';
import { parseJson } from '../parse-json';

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
  /** Number of failed attempts that count towards the limit. */
  attempts: z.number(),
  /** Requests that were sent, for the line of its outcome. */
  requests: z.number().default(0),
  /** The last failure with an answer of the host, and the head of that answer. */
  answered: z.strictObject({ failure, answer }).nullable(),
  /** The last failure without an answer, if it came later. */
  unanswered: failure.nullable(),
  /** The sha256 of the last body that arrived whole and was damaged; null without one. */
  damagedBody: z.string().nullable().default(null),
  /** Answers for this image that asked for a wait (Retry-After). */
  waits: z.number().default(0),
});

const line = z.strictObject({ entry: z.number(), dispatch: z.number(), history });

/** The failed attempts of one entry of a lane. */
export type AttemptHistory = z.infer<typeof history>;

export const NO_ATTEMPTS: AttemptHistory = {
  attempts: 0,
  requests: 0,
  answered: null,
  unanswered: null,
  damagedBody: null,
  waits: 0,
};

/** The place of a lane's journal: `runs/<runId>/plan/attempts/<lane>/`. */
export interface JournalPlace {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
}

export interface AttemptJournal {
  /** The failed attempts of an entry in this batch and in earlier ones. */
  historyOf(entry: number): AttemptHistory;
  /**
   * Records a failed attempt. The record is not synced: losing it repeats an attempt, but loses no
   * image.
   *
   * @throws StepError disk_*.
   */
  note(entry: number, history: AttemptHistory): void;
  close(): void;
}

/**
 * Opens the journal of a lane for one attempt of a batch.
 *
 * @throws StepError disk_*.
 */
export function openAttemptJournal(
  place: JournalPlace & { readonly execution: string; readonly dispatch: number },
): AttemptJournal {
  const folder = path.join(runPaths(place.root, place.runId).plan, 'attempts', place.lane);
  const histories = readJournal(folder);
  let descriptor: number | null = null;
  return {
    historyOf: (entry) => histories.get(entry) ?? NO_ATTEMPTS,
    note: (entry, noted) => {
      histories.set(entry, noted);
      onDisk('note an attempt', () => {
        descriptor ??= createJournalFile(folder, place.execution);
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

function createJournalFile(folder: string, execution: string): number {
  fs.mkdirSync(folder, { recursive: true });
  return fs.openSync(path.join(folder, `${execution}.ndjson`), 'wx');
}

/**
 * Reads the latest line of each entry: that of the latest batch, and within one file the last. A
 * torn or foreign line is skipped.
 */
function readJournal(folder: string): Map<number, AttemptHistory> {
  const latest = new Map<number, { readonly dispatch: number; readonly history: AttemptHistory }>();
  for (const name of listFiles(folder)) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    for (const parsed of text.split('\n').flatMap(parseJournalLine)) {
      const earlier = latest.get(parsed.entry);
      if (earlier === undefined || earlier.dispatch <= parsed.dispatch)
        latest.set(parsed.entry, parsed);
    }
  }
  return new Map([...latest].map(([entry, latestLine]) => [entry, latestLine.history]));
}

function listFiles(folder: string): readonly string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
}

function parseJournalLine(text: string): readonly z.infer<typeof line>[] {
  const parsed = parseJson(line, text);
  return parsed === null ? [] : [parsed];
}
