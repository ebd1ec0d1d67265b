/**
 * Runs cases of the table as a catalog, as a user would, and reads what the warehouse contains
 * then.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { imagePath } from '../../src/files/image-store/image-name';
import type { OpaqueKind } from '../../src/contract/run-input';
import { Pipeline } from '../helpers/runs/pipeline';
import type { FaultCase } from './fault-case';
import { startFaultServers, type FaultServers, type StartedCase } from './fault-servers';
import type { SampleImages } from './sample-images';

/** What the warehouse contains about an image. */
export interface Told {
  readonly id: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly retryable: boolean | null;
  readonly requests: number;
}

/** Each host has one connection, so what a case leaves behind on it would affect the next image. */
const INPUT = { hosts: { default: { connections: 1, requestsPerSecond: 100 } } };

/** The exit code when images failed (docs/reference/cli.md). */
const SOME_FAILED = 3;

/** `requests` counts those of the latest run. */
const TOLD = `SELECT i.source_image_id AS id, i.last_outcome AS outcome, i.last_error_code AS code,
  i.last_error_retryable AS retryable,
  coalesce(sum(f.request_count) FILTER (WHERE f.run_id = (SELECT arg_max(run_id, started_at) FROM etl_run)), 0)::INTEGER AS requests
  FROM image i JOIN fact_download f USING (source_image_id) GROUP BY ALL`;

export class FaultRun {
  private constructor(
    readonly pipeline: Pipeline,
    private readonly servers: FaultServers,
    private readonly images: SampleImages,
    private readonly keep: readonly OpaqueKind[],
  ) {}

  /** What a run keeps holds for all of its images, so `faults` must agree in what is kept. */
  static async create(faults: readonly FaultCase[], images: SampleImages): Promise<FaultRun> {
    const servers = await startFaultServers(faults, images);
    const settings = { ...servers.settings, ...servers.environment };
    return new FaultRun(
      await Pipeline.create({ ...settings, ARTEMIS_QUEUE_PREFIX: 'artemis-faults' }, () =>
        Promise.resolve(servers.behind),
      ),
      servers,
      images,
      faults[0]?.keep ?? [],
    );
  }

  get cases(): readonly StartedCase[] {
    return this.servers.cases;
  }

  private before({ fault, image }: StartedCase): void {
    fault.before?.(this.pipeline.root, finalPathOf(image.id, this.images));
  }

  after({ fault, image }: StartedCase): void {
    fault.after?.(this.pipeline.root, finalPathOf(image.id, this.images));
  }

  /** Removes what cases have put in the way of their images, because `verify` would report it. */
  removePlanted(): void {
    for (const { fault, image } of this.cases) {
      if (fault.expected.code !== 'path_conflict') continue;
      const final = path.join(this.pipeline.root, finalPathOf(image.id, this.images));
      const shard = path.dirname(final);
      fs.rmSync(fs.statSync(shard).isFile() ? shard : final, { recursive: true });
    }
  }

  /** Puts in the way of images what their cases say. Called before the first run. */
  plant(): void {
    for (const one of this.cases) this.before(one);
  }

  /**
   * Runs each case between its good neighbours.
   *
   * @returns what the warehouse contains, by id.
   */
  async run(): Promise<ReadonlyMap<string, Told>> {
    const catalog = path.join(this.pipeline.root, 'catalogs/faults.ndjson');
    fs.mkdirSync(path.dirname(catalog), { recursive: true });
    const rows = this.cases.flatMap(({ image, neighbours: [first, second] }) => [
      ...[first, image, second],
    ]);
    fs.writeFileSync(catalog, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const input = { ...INPUT, ...(this.keep.length === 0 ? {} : { keep: this.keep }) };
    const words = ['run', catalog, '--input', JSON.stringify(input)];
    const { code, stderr } = await this.pipeline.run(...words);
    if (code !== SOME_FAILED) throw new Error(`run ended with ${String(code)}:\n${stderr}`);
    const told = await this.pipeline.query<Told>(TOLD);
    return new Map(told.map((one) => [one.id, one]));
  }

  async dispose(): Promise<void> {
    try {
      await this.pipeline.dispose();
    } finally {
      await this.servers.close();
    }
  }
}

function finalPathOf(id: string, { jpeg }: SampleImages): string {
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  return imagePath({ id, sha256, extension: 'jpg' });
}
