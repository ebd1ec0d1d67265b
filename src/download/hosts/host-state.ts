/**
 * The state of hosts that a batch passes to the lane's next batch: in the payload while it is
 * short, otherwise in a file that the payload names. Any number of hosts may be waiting.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { NETWORK } from '../../contract/payloads';
import {
  withTimePassed,
  type SavedHostStates,
  type SavedHostState,
  type SavedOutage,
} from '../../contract/hosts/saved-host-state';
import { relativeToRoot, runPaths, underRoot } from '../../files/data-root';
import type { BatchOptions } from '../batch-options';
import type { Host } from './host';
import { errorCode } from '../../files/error-code';

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
  refusal: z.string().optional(),
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
    samples: z.number().optional(),
  }),
);

/**
 * `file` is the path of the complete state, relative to the data root, when `states` holds only
 * the most important hosts.
 */
export interface HostState {
  readonly states: SavedHostStates;
  readonly file: string | null;
}

interface StateOptions {
  readonly batch: BatchOptions;
  readonly execution: string;
  readonly before: ReadonlyMap<string, SavedHostState>;
  readonly hosts: readonly Host[];
  readonly network: SavedOutage | null;
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
    const state = savedStateOf(host);
    const isPast = options.isLaneSeen && state.outage?.isExhausted === true;
    if (!isPast && Object.keys(state).length > 0) all.set(host.name, state);
  }
  const { network } = options;
  const entries = [
    ...(network === null ? [] : [[NETWORK, { outage: network }] as const]),
    ...[...all].sort(([, a], [, b]) => importanceOf(b) - importanceOf(a)),
  ];
  const inline = entriesThatFitInline(entries);
  const states = Object.fromEntries(inline);
  return {
    states,
    file: inline.length === entries.length ? null : writeStateFile(options, entries),
  };
}

/**
 * What earlier batches of the lane learned about hosts. Waits in a file have continued since the
 * file was written.
 */
export function readHostState({
  dataRoot,
  input,
}: BatchOptions): ReadonlyMap<string, SavedHostState> {
  const known = new Map<string, SavedHostState>();
  if (input.hostsFile !== undefined) {
    for (const [host, state] of Object.entries(readStateFile(underRoot(dataRoot, input.hostsFile))))
      known.set(host, withTimePassed(state, input.hostsFileAgeMs ?? 0));
  }
  for (const [host, state] of Object.entries(input.hosts ?? {})) known.set(host, state);
  return known;
}

/**
 * A plan that is created again removes its files. Then the hosts are met for the first time again.
 */
function readStateFile(file: string): SavedHostStates {
  try {
    return stateFileSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8'))) as SavedHostStates;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {};
    throw error;
  }
}

function writeStateFile(
  { batch: { dataRoot, input }, execution }: StateOptions,
  entries: readonly (readonly [string, SavedHostState])[],
): string {
  const folder = path.join(runPaths(dataRoot, input.runId).plan, 'hosts', input.lane);
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${input.dispatch}-${execution}.json`);
  fs.writeFileSync(file, JSON.stringify(Object.fromEntries(entries)), { flag: 'wx' });
  return relativeToRoot(dataRoot, file);
}

function entriesThatFitInline(
  entries: readonly (readonly [string, SavedHostState])[],
): readonly (readonly [string, SavedHostState])[] {
  let characters = 0;
  const firstBeyondLimit = entries.findIndex((entry) => {
    characters += JSON.stringify(entry).length;
    return characters > MOST_INLINE;
  });
  return firstBeyondLimit < 0 ? entries : entries.slice(0, firstBeyondLimit);
}

/** States that users see come first. */
function importanceOf({ asked: wait, outage: down, rate }: SavedHostState): number {
  if (down?.isExhausted === true) return 1;
  if (down !== undefined && down.pauses > 0) return 4;
  if (wait !== undefined) return 3;
  return rate === undefined ? 0 : 2;
}

function savedStateOf({ limiter, rate, breaker, firstContact, refusals }: Host): SavedHostState {
  const givenUp = firstContact.givenUp();
  if (givenUp !== null)
    return {
      outage: { code: givenUp.code, pauses: 0, failing: 0, waitMs: 0, isExhausted: true },
    };
  if (!firstContact.isAlive()) return {};
  const wait = limiter.snapshot();
  const down = breaker.snapshot();
  const samples = refusals.sampled();
  return {
    answered: true,
    ...(wait === null ? {} : { asked: wait }),
    ...(down === null ? {} : { outage: down }),
    ...(samples === 0 ? {} : { samples }),
    ...(rate.isBelowBudget() ? { rate: Math.round(rate.now() * 100) / 100 } : {}),
  };
}
