/** Deals the planned images out to lanes. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { PlanCounts } from './child-messages';
import { ownBudget } from '../contract/own-budget';
import { batchEntries, effectiveBudget, shareBudget } from './host-budget';
import type { BudgetRules } from './host-budget';
import { LaneFile } from './lane-file';
import { PlanIndex } from './plan-index';
import type { PlannedHost, PlannedRow } from './plan-entries';

/** Small hosts share lanes of at most so many. **Units** entries. */
const MIXED_LANE_ENTRIES = 2_000;

/** Writes lanes and index of one plan into a folder. Both streams must be in the same order of hosts. */
export class PlanWriter {
  readonly #folder: string;
  readonly #rules: BudgetRules;
  readonly #index: PlanIndex;
  #lanes = 0;
  #mixed: LaneFile | null = null;

  constructor(folder: string, rules: BudgetRules) {
    this.#folder = folder;
    this.#rules = rules;
    this.#index = new PlanIndex(folder);
    mkdirSync(path.join(folder, 'lanes'), { recursive: true });
  }

  async write(
    hosts: AsyncIterable<PlannedHost>,
    rows: AsyncIterator<PlannedRow>,
  ): Promise<Omit<PlanCounts, 'settled'>> {
    const cursor = new RowCursor(rows);
    await cursor.advance();
    for await (const host of hosts) await this.#writeHost(host, cursor);
    this.#closeMixed();
    this.#index.close();
    return { planned: this.#index.images, lanes: this.#index.lanes, pages: this.#index.pages };
  }

  #writeHost(host: PlannedHost, cursor: RowCursor): Promise<void> {
    const budget = effectiveBudget(host.host, this.#rules);
    const isLarge = host.host !== '' && host.entries > batchEntries(budget);
    return isLarge ? this.#writeLarge(host, cursor) : this.#writeSmall(host, cursor);
  }

  async #writeLarge({ host, entries }: PlannedHost, cursor: RowCursor): Promise<void> {
    const budget = effectiveBudget(host, this.#rules);
    const budgets = shareBudget(budget, entries, this.#rules.workers);
    const lanes = budgets.map((share) => {
      const lane = this.#openLane();
      lane.addHost(host, share);
      lane.isOneOf(budgets.length);
      return lane;
    });
    for (let entry = 0; entry < entries; entry += 1) {
      const lane = lanes[entry % lanes.length];
      if (lane !== undefined) await cursor.moveEntry(lane);
    }
    for (const lane of lanes) this.#index.add(lane.close());
  }

  /** Whole into one lane; only what has no host, and so no budget, may be spread. */
  async #writeSmall({ host, entries }: PlannedHost, cursor: RowCursor): Promise<void> {
    const own = ownBudget(host, this.#rules.hosts) === null;
    const budget = own ? null : effectiveBudget(host, this.#rules);
    let lane = this.#mixedLane(host === '' ? 1 : entries);
    lane.addHost(host, budget);
    for (let entry = 0; entry < entries; entry += 1) {
      if (host === '') lane = this.#mixedLane(1);
      await cursor.moveEntry(lane);
    }
  }

  /** The open mixed lane when it has room, else a new one. */
  #mixedLane(entries: number): LaneFile {
    if (this.#mixed !== null && this.#mixed.entries + entries > MIXED_LANE_ENTRIES) {
      this.#closeMixed();
    }
    this.#mixed ??= this.#openLane();
    return this.#mixed;
  }

  #closeMixed(): void {
    if (this.#mixed !== null) this.#index.add(this.#mixed.close());
    this.#mixed = null;
  }

  #openLane(): LaneFile {
    this.#lanes += 1;
    const lane = `l${String(this.#lanes).padStart(6, '0')}`;
    return new LaneFile(this.#folder, lane, effectiveBudget('default', this.#rules));
  }
}

/** Reads the rows entry by entry: those that follow one another with the same URL are one entry. */
class RowCursor {
  #row: PlannedRow | null = null;

  constructor(private readonly rows: AsyncIterator<PlannedRow>) {}

  async advance(): Promise<void> {
    const next = await this.rows.next();
    this.#row = next.done === true ? null : next.value;
  }

  async moveEntry(lane: LaneFile): Promise<void> {
    const url = this.#row?.url;
    if (url === undefined) throw new Error('the plan has fewer rows than its hosts say');
    lane.startEntry(url);
    for (let isFirst = true; this.#row?.url === url; isFirst = false) {
      lane.addImage(this.#row.image, isFirst);
      await this.advance();
    }
  }
}
