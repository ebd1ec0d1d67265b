/** Decides which lanes there are, and which hosts are in which lane. */
import { LANES_IN_FLIGHT } from '../contract/download';
import { ownBudget } from '../contract/own-budget';
import type { Lane } from '../contract/payloads';
import type { HostBudget } from '../contract/run-input';
import { effectiveBudget, type BudgetRules } from './effective-budget';
import { shareBudget } from './share-budget';

/**
 * A batch can hold all entries of such a lane at once, so no host in it waits for another one.
 * **Units** entries.
 */
const MIXED_LANE_ENTRIES = 2_000;
/** A host that needs more time than this has a lane of its own while there are few lanes. */
const OWN_LANE_SECONDS = 20;
/**
 * Hosts that need less than this count as equal: a lane waits for the slowest of them for a moment
 * only.
 */
const SHORT_SECONDS = 5;
/** In a mixed lane the slowest host needs at most so many times the time of the fastest one. */
const SIMILAR_FACTOR = 2;
/**
 * The JSON of a lane's budgets. A valid input has no more for all hosts together. **Units** bytes.
 */
const BUDGETS_BYTES = 64 << 10;
/** A mixed lane names a few of its hosts, for people. */
const HOSTS_NAMED = 3;
/**
 * One process sends no more requests per second, whatever the budget is. **Source** decision 0004.
 */
const REQUESTS_PER_SECOND_OF_A_PROCESS = 1_000;

/** **Units** entries (distinct URLs). `host` is empty for URLs of which no host is asked. */
export interface PlannedHost {
  readonly host: string;
  readonly entries: number;
}

/** Where the entries of a host are: in `lanes` lanes from number `first` on, dealt out in turns. */
export interface Placement {
  readonly first: number;
  readonly lanes: number;
}

/** A lane before its entries are counted. */
export type LaneOutline = Omit<Lane, 'images' | 'entries'>;

interface OpenLane {
  readonly number: number;
  readonly hosts: string[];
  readonly budgets: Record<string, HostBudget>;
  /** What the slowest host needs. */
  readonly seconds: number;
  entries: number;
  budgetBytes: number;
}

/**
 * The time that a host with this budget needs for its entries. Hosts are placed by it, longest
 * first.
 */
export function secondsNeeded(entries: number, { requestsPerSecond }: HostBudget): number {
  return entries / Math.min(requestsPerSecond, REQUESTS_PER_SECOND_OF_A_PROCESS);
}

/**
 * Places hosts, which must come in the order of {@link secondsNeeded}, longest first.
 *
 * Lanes with one slow host would keep a place of the window for that host alone, so hosts share a
 * lane only with hosts that need about as long. A host that needs long has a lane of its own, but
 * only as many as are in flight at once: beyond them, hosts that wait for a place would be slower
 * alone than together.
 */
export class LanePacker {
  readonly outlines: LaneOutline[] = [];
  readonly #rules: BudgetRules;
  #mixed: OpenLane | null = null;

  constructor(rules: BudgetRules) {
    this.#rules = rules;
  }

  place({ host, entries }: PlannedHost): Placement {
    if (host === '') return this.#placeWithoutHost(entries);
    const budget = effectiveBudget(host, this.#rules);
    const seconds = secondsNeeded(entries, budget);
    const mayHaveOwn = this.outlines.length < LANES_IN_FLIGHT;
    if (entries > MIXED_LANE_ENTRIES || (seconds > OWN_LANE_SECONDS && mayHaveOwn)) {
      return this.#placeAlone(host, shareBudget(budget, entries, this.#rules.workers));
    }
    const isDefault = ownBudget(host, this.#rules.hosts) === null;
    return this.#placeTogether({ host, entries, seconds, budget: isDefault ? null : budget });
  }

  #placeAlone(host: string, shares: readonly HostBudget[]): Placement {
    const lanesOfHost = shares.length > 1 ? { lanesOfHost: shares.length } : {};
    const numbers = shares.map((share) =>
      this.#open([host], { default: this.#defaultBudget(), [host]: share }, lanesOfHost),
    );
    return { first: numbers[0] ?? 0, lanes: numbers.length };
  }

  #placeTogether(host: {
    readonly host: string;
    readonly entries: number;
    readonly seconds: number;
    readonly budget: HostBudget | null;
  }): Placement {
    const { seconds, budget } = host;
    const budgetBytes =
      budget === null ? 0 : Buffer.byteLength(JSON.stringify({ [host.host]: budget }));
    const lane = this.#laneFor(host.entries, seconds, budgetBytes);
    lane.entries += host.entries;
    lane.budgetBytes += budgetBytes;
    if (lane.hosts.length < HOSTS_NAMED) lane.hosts.push(host.host);
    if (budget !== null) lane.budgets[host.host] = budget;
    return { first: lane.number, lanes: 1 };
  }

  /** The open mixed lane where the host fits in, else a new one. */
  #laneFor(entries: number, seconds: number, budgetBytes: number): OpenLane {
    const open = this.#mixed;
    if (
      open !== null &&
      open.entries + entries <= MIXED_LANE_ENTRIES &&
      open.budgetBytes + budgetBytes <= BUDGETS_BYTES &&
      (open.seconds <= SHORT_SECONDS || open.seconds <= SIMILAR_FACTOR * seconds)
    ) {
      return open;
    }
    const hosts: string[] = [];
    const budgets = { default: this.#defaultBudget() };
    const number = this.#open(hosts, budgets);
    this.#mixed = { number, hosts, budgets, seconds, entries: 0, budgetBytes: 0 };
    return this.#mixed;
  }

  /**
   * They fail without a request, so any lane will do: the open one if all fit, else as few more as
   * can hold them.
   */
  #placeWithoutHost(entries: number): Placement {
    if (this.#mixed !== null && this.#mixed.entries + entries <= MIXED_LANE_ENTRIES) {
      this.#mixed.entries += entries;
      return { first: this.#mixed.number, lanes: 1 };
    }
    const lanes = Math.ceil(entries / MIXED_LANE_ENTRIES);
    const first = this.outlines.length;
    for (let lane = 0; lane < lanes; lane += 1) this.#open([], { default: this.#defaultBudget() });
    return { first, lanes };
  }

  #open(
    hosts: string[],
    budgets: Record<string, HostBudget>,
    lanesOfHost: Pick<Lane, 'lanesOfHost'> = {},
  ): number {
    const number = this.outlines.length;
    const lane = `l${String(number + 1).padStart(6, '0')}`;
    this.outlines.push({ lane, hosts, budgets, ...lanesOfHost });
    return number;
  }

  #defaultBudget(): HostBudget {
    return effectiveBudget('default', this.#rules);
  }
}
