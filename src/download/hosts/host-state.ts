/**
 * The state of hosts that a batch passes to the lane's next batch: in the payload while it is
 * short, otherwise in a file that the payload names. Any number of hosts may be waiting.
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
 * Characters of JSON that a payload may hold. States in payloads are carried through
 * continue-as-new, those of a thousand lanes in one payload.
 */
const MOST_INLINE = 600;

const outageSchema = z.strictObject({
  code: z.string(),
  pauses: z.number(),
  failing: z.number(),
  waitMs: z.number(),
  isExhausted: z.boolean(),
});
const askedSchema = z.strictObject({
  code: z.enum(['http_429', 'http_503']),
  waits: z.number(),
  waitMs: z.number(),
});
const stateFileSchema = z.record(
  z.string(),
  z.strictObject({
    rate: z.number().optional(),
    asked: askedSchema.optional(),
    outage: outageSchema.optional(),
    answered: z.boolean().optional(),
  }),
);

/**
 * `file` is the path of the complete state, relative to the data root, when `memories` holds only
 * the most important hosts.
 */
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
  /**
   * All entries of the lane have been read, so all images of hosts that were given up have failed
   * by now.
   */
  readonly isLaneSeen: boolean;
}

/** @throws errors of the file system. */
export function hostState(options: StateOptions): HostState {
  const all = new Map(options.before);
  all.delete(NETWORK);
  for (const host of options.hosts) {
    all.delete(host.name);
    const memory = memoryOfHost(host);
    const isPast = options.isLaneSeen && memory.outage?.isExhausted === true;
    if (!isPast && Object.keys(memory).length > 0) all.set(host.name, memory);
  }
  const { network } = options;
  const entries = [
    ...(network === null ? [] : [[NETWORK, { outage: network }] as const]),
    ...[...all].sort(([, a], [, b]) => importanceOf(b) - importanceOf(a)),
  ];
  const inline = entriesThatFitInline(entries);
  const memories = Object.fromEntries(inline);
  return {
    memories,
    file: inline.length === entries.length ? null : writeStateFile(options, entries),
  };
}

/**
 * What earlier batches of the lane learned about hosts. Waits in a file have continued since the
 * file was written.
 */
export function readHostState({ dataRoot, input }: BatchOptions): ReadonlyMap<string, HostMemory> {
  const known = new Map<string, HostMemory>();
  if (input.hostsFile !== undefined) {
    for (const [host, memory] of Object.entries(
      readStateFile(underRoot(dataRoot, input.hostsFile)),
    ))
      known.set(host, withTimePassed(memory, input.hostsFileAgeMs ?? 0));
  }
  for (const [host, memory] of Object.entries(input.hosts ?? {})) known.set(host, memory);
  return known;
}

/**
 * A plan that is created again removes its files. Then the hosts are met for the first time again.
 */
function readStateFile(file: string): HostMemories {
  try {
    return stateFileSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8'))) as HostMemories;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function withTimePassed(memory: HostMemory, passedMs: number): HostMemory {
  const withRemainingTime = <T extends { readonly waitMs: number }>(wait: T): T => ({
    ...wait,
    waitMs: Math.max(0, wait.waitMs - passedMs),
  });
  return {
    ...memory,
    ...(memory.asked === undefined ? {} : { asked: withRemainingTime(memory.asked) }),
    ...(memory.outage === undefined ? {} : { outage: withRemainingTime(memory.outage) }),
  };
}

function writeStateFile(
  { batch: { dataRoot, input }, execution }: StateOptions,
  entries: readonly (readonly [string, HostMemory])[],
): string {
  const folder = path.join(runPaths(dataRoot, input.runId).plan, 'hosts', input.lane);
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${input.dispatch}-${execution}.json`);
  fs.writeFileSync(file, JSON.stringify(Object.fromEntries(entries)), { flag: 'wx' });
  return relativeToRoot(dataRoot, file);
}

function entriesThatFitInline(
  entries: readonly (readonly [string, HostMemory])[],
): readonly (readonly [string, HostMemory])[] {
  let characters = 0;
  const firstBeyondLimit = entries.findIndex((entry) => {
    characters += JSON.stringify(entry).length;
    return characters > MOST_INLINE;
  });
  return firstBeyondLimit < 0 ? entries : entries.slice(0, firstBeyondLimit);
}

/** States that users see come first. */
function importanceOf({ asked: wait, outage: down, rate }: HostMemory): number {
  if (down?.isExhausted === true) return 1;
  if (down !== undefined && down.pauses > 0) return 4;
  if (wait !== undefined) return 3;
  return rate === undefined ? 0 : 2;
}

function memoryOfHost({ limiter, rate, breaker, firstContact }: Host): HostMemory {
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
