/** One lane's entries on disk, written piece by piece: an entry may have any number of ids. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Lane } from '../contract/payloads';
import { laneFileName } from '../contract/plan-entry';
import type { PlannedImage } from '../contract/plan-entry';
import type { LaneOutline } from './lane-packer';

/** **Units** UTF-16 units gathered before they are written. */
const BUFFER_SIZE = 1 << 16;

export class LaneFile {
  readonly #outline: LaneOutline;
  readonly #file: number;
  #entries = 0;
  #images = 0;
  #buffer = '';

  constructor(folder: string, outline: LaneOutline) {
    this.#outline = outline;
    this.#file = openSync(path.join(folder, laneFileName(outline.lane)), 'wx');
  }

  startEntry(url: string): void {
    this.#endEntry();
    this.#write(`{"url":${JSON.stringify(url)},"ids":[`);
    this.#entries += 1;
  }

  addImage(image: PlannedImage, isFirst: boolean): void {
    this.#write(`${isFirst ? '' : ','}${JSON.stringify(image)}`);
    this.#images += 1;
  }

  /** Waits until the file is on the disk. */
  close(): Lane {
    this.#endEntry();
    this.#flush();
    fsyncSync(this.#file);
    closeSync(this.#file);
    return { ...this.#outline, images: this.#images, entries: this.#entries };
  }

  #endEntry(): void {
    if (this.#entries > 0) this.#write(']}\n');
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
