/** Decides which lanes a plan has and which hosts are in which lane. */
import { LANES_IN_FLIGHT } from '../contract/download-workflow';
import { ownBudget } from '../contract/hosts/host-budget';
import type { Lane } from '../contract/payloads';
import type { HostBudget } from '../contract/run-input';
import { effectiveBudget, type BudgetRules } from './effective-budget';
import { shareBudget } from './share-budget';

/**
 * The largest number of entries of a mixed lane. A batch can hold all of them at once, so no host
 * in it waits for another one.
 */
const MAX_MIXED_LANE_ENTRIES = 2_000;
/** A host that needs more time than this has a lane of its own as long as there are few lanes. */
const OWN_LANE_SECONDS = 20;
/**
 * Hosts that need less time than this count as equal, because a lane waits only briefly for the
 * slowest of them.
 */
const SHORT_SECONDS = 5;
/** In a mixed lane, the slowest host needs at most this many times the time of the fastest one. */
const SIMILAR_FACTOR = 2;
/**
 * The largest size of a lane's budgets as JSON. A valid input has no more for all hosts together.
 */
const MAX_BUDGETS_BYTES = 64 << 10;
/** How many of its hosts a mixed lane names, for people who read it. */
const MAX_NAMED_HOSTS = 3;
/**
 * The most requests per second that one process sends, whatever the budget is.
 *
 * @see docs/decisions/0004-lanes.md
 */
const REQUESTS_PER_SECOND_OF_A_PROCESS = 1_000;

/** The entries (distinct URLs) of one host. */
export interface PlannedHost {
  /** The host key; empty for URLs that lead to no request. */
  readonly host: string;
  readonly entries: number;
}

/**
 * Where the entries of a host are: distributed in turn among `lanes` lanes, from number `first` on.
 */
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
  /** The time that the slowest host needs. */
  readonly seconds: number;
  entries: number;
  budgetBytes: number;
}

/**
 * The time that a host with this budget needs for its entries. Hosts are placed in descending order
 * of this time.
 */
export function secondsNeeded(entries: number, { requestsPerSecond }: HostBudget): number {
  return entries / Math.min(requestsPerSecond, REQUESTS_PER_SECOND_OF_A_PROCESS);
}

/**
 * Places hosts, which must arrive in descending order of {@link secondsNeeded}.
 *
 * A slow host in a mixed lane would occupy a slot of the window for itself, so hosts share a lane
 * only with hosts that need about as long. A host that needs long has a lane of its own, but only
 * while there are no more lanes than can be in flight at once: further slow hosts would wait for a
 * slot and finish later alone than together.
 */
export class LanePacker {
  readonly outlines: LaneOutline[] = [];
  readonly #rules: BudgetRules;
  #openMixedLane: OpenLane | null = null;

  constructor(rules: BudgetRules) {
    this.#rules = rules;
  }

  place({ host, entries }: PlannedHost): Placement {
    if (host === '') return this.#placeWithoutHost(entries);
    const budget = effectiveBudget(host, this.#rules);
    const seconds = secondsNeeded(entries, budget);
    const mayHaveOwn = this.outlines.length < LANES_IN_FLIGHT;
    if (entries > MAX_MIXED_LANE_ENTRIES || (seconds > OWN_LANE_SECONDS && mayHaveOwn)) {
      return this.#placeAlone(host, shareBudget(budget, entries, this.#rules.workers));
    }
    const isDefault = ownBudget(host, this.#rules.hosts) === null;
    return this.#placeTogether({ host, entries, seconds, budget: isDefault ? null : budget });
  }

  #placeAlone(host: string, shares: readonly HostBudget[]): Placement {
    const lanesOfHost = shares.length > 1 ? { lanesOfHost: shares.length } : {};
    const numbers = shares.map((share) =>
      this.#openLane([host], { default: this.#defaultBudget(), [host]: share }, lanesOfHost),
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
    const lane = this.#mixedLaneFor(host.entries, seconds, budgetBytes);
    lane.entries += host.entries;
    lane.budgetBytes += budgetBytes;
    if (lane.hosts.length < MAX_NAMED_HOSTS) lane.hosts.push(host.host);
    if (budget !== null) lane.budgets[host.host] = budget;
    return { first: lane.number, lanes: 1 };
  }

  /** Returns the open mixed lane if the host fits into it, otherwise a new one. */
  #mixedLaneFor(entries: number, seconds: number, budgetBytes: number): OpenLane {
    const open = this.#openMixedLane;
    if (
      open !== null &&
      open.entries + entries <= MAX_MIXED_LANE_ENTRIES &&
      open.budgetBytes + budgetBytes <= MAX_BUDGETS_BYTES &&
      (open.seconds <= SHORT_SECONDS || open.seconds <= SIMILAR_FACTOR * seconds)
    ) {
      return open;
    }
    const hosts: string[] = [];
    const budgets = { default: this.#defaultBudget() };
    const number = this.#openLane(hosts, budgets);
    this.#openMixedLane = { number, hosts, budgets, seconds, entries: 0, budgetBytes: 0 };
    return this.#openMixedLane;
  }

  /**
   * Places URLs without a host. They fail without a request, so any lane suits them: the open mixed
   * lane if all fit into it, otherwise the fewest new lanes that can hold them.
   */
  #placeWithoutHost(entries: number): Placement {
    if (
      this.#openMixedLane !== null &&
      this.#openMixedLane.entries + entries <= MAX_MIXED_LANE_ENTRIES
    ) {
      this.#openMixedLane.entries += entries;
      return { first: this.#openMixedLane.number, lanes: 1 };
    }
    const lanes = Math.ceil(entries / MAX_MIXED_LANE_ENTRIES);
    const first = this.outlines.length;
    for (let lane = 0; lane < lanes; lane += 1)
      this.#openLane([], { default: this.#defaultBudget() });
    return { first, lanes };
  }

  #openLane(
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
