/** Writes the index of a plan, which lists the lanes in pages that fit into one activity result. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Lane } from '../contract/payloads';
import { planPageName } from '../contract/plan-entry';

/** The largest number of lanes and bytes of a page. Temporal accepts 2 MiB per payload. */
const MAX_PAGE_LANES = 100;
const MAX_PAGE_BYTES = 256 << 10;
const PAGE_START = '{"lanes":[\n';
const PAGE_END = '\n]}\n';
const SEPARATOR = ',\n';

export class PlanIndex {
  lanes = 0;
  pages = 0;
  images = 0;
  readonly #folder: string;
  #page: string[] = [];
  #bytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(lane: Lane): void {
    const text = JSON.stringify(lane);
    const bytes = Buffer.byteLength(text) + SEPARATOR.length;
    const availableBytes = MAX_PAGE_BYTES - PAGE_START.length - PAGE_END.length;
    if (this.#page.length >= MAX_PAGE_LANES || this.#bytes + bytes > availableBytes)
      this.#writePage();
    this.#page.push(text);
    this.#bytes += bytes;
    this.lanes += 1;
    this.images += lane.images;
  }

  close(): void {
    this.#writePage();
  }

  #writePage(): void {
    if (this.#page.length === 0) return;
    const file = openSync(path.join(this.#folder, planPageName(this.pages)), 'wx');
    writeFileSync(file, `${PAGE_START}${this.#page.join(SEPARATOR)}${PAGE_END}`);
    fsyncSync(file);
    closeSync(file);
    this.pages += 1;
    this.#page = [];
    this.#bytes = 0;
  }
}
