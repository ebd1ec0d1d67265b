/** The plan's index: which lanes there are, in pages that one activity result can carry. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Lane } from '../contract/payloads';
import { planPageName } from '../contract/plan-entry';

/** A page holds at most so much; Temporal takes 2 MiB a payload. **Units** lanes; UTF-16 units. */
const PAGE_LANES = 100;
const PAGE_SIZE = 256 << 10;

export class PlanIndex {
  lanes = 0;
  pages = 0;
  images = 0;
  readonly #folder: string;
  #page: string[] = [];
  #size = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(lane: Lane): void {
    const text = JSON.stringify(lane);
    if (this.#page.length >= PAGE_LANES || this.#size + text.length > PAGE_SIZE) this.#writePage();
    this.#page.push(text);
    this.#size += text.length;
    this.lanes += 1;
    this.images += lane.images;
  }

  close(): void {
    this.#writePage();
  }

  #writePage(): void {
    if (this.#page.length === 0) return;
    const file = openSync(path.join(this.#folder, planPageName(this.pages)), 'wx');
    writeFileSync(file, `{"lanes":[\n${this.#page.join(',\n')}\n]}\n`);
    fsyncSync(file);
    closeSync(file);
    this.pages += 1;
    this.#page = [];
    this.#size = 0;
  }
}
