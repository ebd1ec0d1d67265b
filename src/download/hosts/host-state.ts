/**
 * What a batch hands on of its hosts to the lane's next batch: in the payload where it is little, otherwise in a file that
 * the payload names. Any number of hosts may wait.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import {
  NETWORK,
  type HostMemories,
  type HostMemory,
  type OutageMemory,
} from '../../contract/payloads';
import { relativeToRoot, runPaths, underRoot } from '../../files/data-root';
import type { BatchOptions } from '../batch-options';
import type { Host } from './host';

/**
 * States in the payload go along when downloads continue as new, those of a thousand lanes in one payload.
 * **Units** characters of JSON.
 */
const MOST_INLINE = 600;

const outage = z.strictObject({
  code: z.string(),
  pauses: z.number(),
  failing: z.number(),
  waitMs: z.number(),
  isExhausted: z.boolean(),
});
const asked = z.strictObject({
  code: z.enum(['http_429', 'http_503']),
  waits: z.number(),
  waitMs: z.number(),
});
const stateFile = z.record(
  z.string(),
  z.strictObject({
    rate: z.number().optional(),
    asked: asked.optional(),
    outage: outage.optional(),
    answered: z.boolean().optional(),
  }),
);

/** **Shape** `file`: where all of it is, relative to the data root, when `memories` has only the most important ones. */
export interface HostState {
  readonly memories: HostMemories;
  readonly file: string | null;
}

interface StateOptions {
  readonly batch: BatchOptions;
  readonly execution: string;
  readonly before: ReadonlyMap<string, HostMemory>;
  readonly hosts: readonly Host[];
  readonly network: OutageMemory | null;
  /** No entry of the lane is still to be read: what is given up has failed by now. */
  readonly isLaneSeen: boolean;
}

/** @throws errors of the file system. */
export function hostState(options: StateOptions): HostState {
  const all = new Map(options.before);
  all.delete(NETWORK);
  for (const host of options.hosts) {
    all.delete(host.name);
    const memory = memoryOf(host);
    const isPast = options.isLaneSeen && memory.outage?.isExhausted === true;
    if (!isPast && Object.keys(memory).length > 0) all.set(host.name, memory);
  }
  const { network } = options;
  const entries = [
    ...(network === null ? [] : [[NETWORK, { outage: network }] as const]),
    ...[...all].sort(([, a], [, b]) => weight(b) - weight(a)),
  ];
  const kept = fitting(entries);
  const memories = Object.fromEntries(kept);
  return { memories, file: kept.length === entries.length ? null : write(options, entries) };
}

/** What earlier batches of the lane learned of hosts. Waits that a file names have gone on since it was written. */
export function readHostState({ dataRoot, input }: BatchOptions): ReadonlyMap<string, HostMemory> {
  const known = new Map<string, HostMemory>();
  if (input.hostsFile !== undefined) {
    for (const [host, memory] of Object.entries(readFile(underRoot(dataRoot, input.hostsFile))))
      known.set(host, later(memory, input.hostsFileAgeMs ?? 0));
  }
  for (const [host, memory] of Object.entries(input.hosts ?? {})) known.set(host, memory);
  return known;
}

/** A plan that was made again takes its files along: then hosts are met for the first time once more. */
function readFile(file: string): HostMemories {
  try {
    return stateFile.parse(JSON.parse(fs.readFileSync(file, 'utf8'))) as HostMemories;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function later(memory: HostMemory, passedMs: number): HostMemory {
  const left = <T extends { readonly waitMs: number }>(wait: T): T => ({
    ...wait,
    waitMs: Math.max(0, wait.waitMs - passedMs),
  });
  return {
    ...memory,
    ...(memory.asked === undefined ? {} : { asked: left(memory.asked) }),
    ...(memory.outage === undefined ? {} : { outage: left(memory.outage) }),
  };
}

function write(
  { batch: { dataRoot, input }, execution }: StateOptions,
  entries: readonly (readonly [string, HostMemory])[],
): string {
  const folder = path.join(runPaths(dataRoot, input.runId).plan, 'hosts', input.lane);
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${input.dispatch}-${execution}.json`);
  fs.writeFileSync(file, JSON.stringify(Object.fromEntries(entries)), { flag: 'wx' });
  return relativeToRoot(dataRoot, file);
}

function fitting(
  entries: readonly (readonly [string, HostMemory])[],
): readonly (readonly [string, HostMemory])[] {
  let characters = 0;
  const end = entries.findIndex((entry) => {
    characters += JSON.stringify(entry).length;
    return characters > MOST_INLINE;
  });
  return end < 0 ? entries : entries.slice(0, end);
}

/** What people are shown comes first. */
function weight({ asked: wait, outage: down, rate }: HostMemory): number {
  if (down?.isExhausted === true) return 1;
  if (down !== undefined && down.pauses > 0) return 4;
  if (wait !== undefined) return 3;
  return rate === undefined ? 0 : 2;
}

function memoryOf({ limiter, rate, breaker, firstContact }: Host): HostMemory {
  const givenUp = firstContact.givenUp();
  if (givenUp !== null)
    return {
      outage: { code: givenUp.code, pauses: 0, failing: 0, waitMs: 0, isExhausted: true },
    };
  if (!firstContact.isAlive()) return {};
  const wait = limiter.snapshot();
  const down = breaker.snapshot();
  return {
    answered: true,
    ...(wait === null ? {} : { asked: wait }),
    ...(down === null ? {} : { outage: down }),
    ...(rate.isBelowBudget() ? { rate: Math.round(rate.now() * 100) / 100 } : {}),
  };
}
