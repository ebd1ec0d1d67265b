/**
 * Writes the entries of one lane to disk in pieces, because an entry may have any number of ids.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Lane } from '../contract/payloads';
import { laneFileName } from '../contract/plan-entry';
import type { LaneOutline } from './lane-packer';

/** How many UTF-16 code units are buffered before they are written. */
const BUFFER_CODE_UNITS = 1 << 16;

export class LaneFile {
  readonly #outline: LaneOutline;
  readonly #descriptor: number;
  #entries = 0;
  #images = 0;
  #hasImage = false;
  #buffer = '';

  constructor(folder: string, outline: LaneOutline) {
    this.#outline = outline;
    this.#descriptor = openSync(path.join(folder, laneFileName(outline.lane)), 'wx');
  }

  /** @param start the JSON text of the entry up to its first image. */
  startEntry(start: string): void {
    this.#endEntry();
    this.#append(start);
    this.#entries += 1;
    this.#hasImage = false;
  }

  /** @param image the JSON text of the image. */
  addImage(image: string): void {
    this.#append(this.#hasImage ? `,${image}` : image);
    this.#hasImage = true;
    this.#images += 1;
  }

  /** Syncs and closes the file. */
  close(): Lane {
    this.#endEntry();
    this.#flush();
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    return { ...this.#outline, images: this.#images, entries: this.#entries };
  }

  #endEntry(): void {
    if (this.#entries > 0) this.#append(']}\n');
  }

  #append(text: string): void {
    this.#buffer += text;
    if (this.#buffer.length >= BUFFER_CODE_UNITS) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffer);
    for (let offset = 0; offset < bytes.length;) {
      offset += writeSync(this.#descriptor, bytes, offset);
    }
    this.#buffer = '';
  }
}
