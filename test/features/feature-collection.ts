/** A data root with stored pictures, and the plan of a run that computes their features. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { FeatureEntry, FeatureLine } from '../../src/contract/features/feature';
import type { FeaturePlace } from '../../src/contract/features/feature-payloads';
import { runPaths } from '../../src/files/data-root';
import { parseFeatureLine } from '../../src/files/ledger/feature-ledger';
import { listFeatureLedgers } from '../../src/files/ledger/ledger-reader';
import { drawPixels } from './drawn-pixels';

export const RUN_ID = 'r1';
export const LANE = 'f000001';

export interface StoredPicture {
  readonly sha256: string;
  readonly path: string;
}

export class FeatureCollection {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-feature-batch-'));

  /** Stores bytes as a download does, except for the folders. */
  store(name: string, bytes: Buffer): StoredPicture {
    const relative = `raw/images/thumbs/${name}`;
    fs.mkdirSync(path.join(this.root, 'raw/images/thumbs'), { recursive: true });
    fs.writeFileSync(path.join(this.root, relative), bytes);
    return { sha256: createHash('sha256').update(bytes).digest('hex'), path: relative };
  }

  async storePictures(count: number, side = 24): Promise<readonly StoredPicture[]> {
    const pictures: StoredPicture[] = [];
    for (let seed = 1; seed <= count; seed += 1) {
      const size = { width: side, height: side };
      const pixels = drawPixels({ ...size, seed, kind: 'blocks' });
      const bytes = await sharp(pixels, { raw: { ...size, channels: 3 } })
        .png()
        .toBuffer();
      pictures.push(this.store(`${seed}.png`, bytes));
    }
    return pictures;
  }

  /** Writes the plan, and returns the stretch of all its entries. */
  plan(pictures: readonly StoredPicture[]): FeaturePlace {
    const entries = pictures.map(({ sha256, path: file }): FeatureEntry => ({
      sha256,
      paths: [file],
    }));
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const file = runPaths(this.root, RUN_ID).featurePlan;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return { from: 0, to: Buffer.byteLength(text) };
  }

  /** The whole lines of all ledgers. */
  lines(): readonly FeatureLine[] {
    return listFeatureLedgers({ root: this.root, runId: RUN_ID }).flatMap((ledger) => {
      const texts = fs.readFileSync(path.join(this.root, ledger.path), 'utf8').split('\n');
      return texts.slice(0, -1).flatMap((text) => parseFeatureLine(text) ?? []);
    });
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
