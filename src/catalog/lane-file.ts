/** One lane's entries on disk, written piece by piece: an entry may have any number of ids. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Lane } from '../contract/payloads';
import { laneFileName } from '../contract/plan-entry';
import type { PlannedImage } from '../contract/plan-entry';
import type { HostBudget } from '../contract/run-input';

/** **Units** UTF-16 units gathered before they are written. */
const BUFFER_SIZE = 1 << 16;
/** A mixed lane names a few of its hosts, for people. */
const HOSTS_NAMED = 3;

export class LaneFile {
  entries = 0;
  readonly #lane: string;
  readonly #file: number;
  readonly #hosts = new Set<string>();
  readonly #budgets: Record<string, HostBudget>;
  #lanesOfHost = 1;
  #images = 0;
  #buffer = '';
  #isOpen = false;

  constructor(folder: string, lane: string, defaultBudget: HostBudget) {
    this.#lane = lane;
    this.#budgets = { default: defaultBudget };
    this.#file = openSync(path.join(folder, laneFileName(lane)), 'wx');
  }

  /** Names a host of the lane; its budget only where it is not the default. */
  addHost(host: string, budget: HostBudget | null): void {
    if (this.#hosts.size < HOSTS_NAMED && host !== '') this.#hosts.add(host);
    if (budget !== null) this.#budgets[host] = budget;
  }

  /** One of so many lanes of its host. */
  isOneOf(lanes: number): void {
    this.#lanesOfHost = lanes;
  }

  startEntry(url: string): void {
    this.#endEntry();
    this.#write(`{"url":${JSON.stringify(url)},"ids":[`);
    this.#isOpen = true;
    this.entries += 1;
  }

  addImage(image: PlannedImage, isFirst: boolean): void {
    this.#write(`${isFirst ? '' : ','}${JSON.stringify(image)}`);
    this.#images += 1;
  }

  close(): Lane {
    this.#endEntry();
    this.#flush();
    fsyncSync(this.#file);
    closeSync(this.#file);
    return {
      lane: this.#lane,
      hosts: [...this.#hosts],
      images: this.#images,
      entries: this.entries,
      budgets: this.#budgets,
      ...(this.#lanesOfHost > 1 ? { lanesOfHost: this.#lanesOfHost } : {}),
    };
  }

  #endEntry(): void {
    if (this.#isOpen) this.#write(']}\n');
    this.#isOpen = false;
  }

  #write(text: string): void {
    this.#buffer += text;
    if (this.#buffer.length >= BUFFER_SIZE) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffer);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    this.#buffer = '';
  }
}
