/**
 * A run whose machine loses its power at several instants, and the checks that must succeed after
 * each. The Temporal server's database is on the same disk.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { linesOfLane } from '../../../src/files/ledger/ledger-reader';
import {
  CuttableDisk,
  type CutDisk,
  type CutKind,
  type FileSystem,
} from '../../helpers/failures/cuttable-disk';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { seededNumbers } from '../../helpers/seeded-random';
import { tateCatalog } from '../../helpers/images/tate-catalog';

const COUNT = 200;
const HOSTS = { default: { connections: 8, requestsPerSecond: 80 } };

/**
 * A cut comes up to this time after its number of images, in milliseconds: as long as it takes to
 * gather a group, flush it and commit it.
 */
const LATEST_MS = 400;

const OUTCOMES = 'SELECT state, count(*)::INT AS images FROM image GROUP BY state ORDER BY state';

/** What ledgers on a disk say. */
export interface RecordedImages {
  readonly stored: number;
  /** The paths of stored images whose file is missing, or has other bytes than the line says. */
  readonly broken: readonly string[];
}

export class PowerScene {
  /** How the run ends when nothing happens to it. */
  private wanted: { readonly code: number | null; readonly outcomes: readonly object[] } | null =
    null;

  private constructor(
    private readonly pipeline: Pipeline,
    private readonly disk: CuttableDisk,
    private readonly program: string | null,
  ) {}

  /** @param program that of another build; null for the build under test. */
  static async create(inside: FileSystem, program: string | null = null): Promise<PowerScene> {
    const pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-power' });
    const catalog = await tateCatalog(COUNT, pipeline.origin.port);
    // Not on the disk: nobody waited until it was durable.
    fs.writeFileSync(path.join(pipeline.folder, 'catalog.csv'), catalog);
    return new PowerScene(pipeline, CuttableDisk.create(pipeline.root, inside), program);
  }

  /**
   * Runs to the end, and returns what is left of the disk after cuts of these kinds, from the
   * beginning of the run to its end. Their moments depend on `seed` only.
   */
  async runAndCut(kinds: readonly CutKind[], seed: number): Promise<readonly CutDisk[]> {
    const next = seededNumbers(seed);
    const random = (): number => next() / 2 ** 24;
    const run = this.run();
    const cuts: CutDisk[] = [];
    for (const [nth, kind] of kinds.entries()) {
      const images = (nth / kinds.length) * COUNT;
      await this.pipeline.when((entry) => entry.stored + entry.failed >= images);
      await delay(random() * LATEST_MS);
      cuts.push(this.disk.cut(kind, random));
    }
    const { code } = await run.finished;
    this.wanted = { code, outcomes: await this.pipeline.query<object>(OUTCOMES) };
    await this.pipeline.stop();
    return cuts;
  }

  /** Starts the machine again with the disk of a cut, and compares ledgers with files. */
  async recordedImages(cut: CutDisk): Promise<RecordedImages> {
    this.disk.restore(cut);
    const { root } = this.pipeline;
    const broken: string[] = [];
    let stored = 0;
    for (const { runId, lane } of lanesBelow(path.join(root, 'runs'))) {
      for await (const line of linesOfLane({ root, runId, lane, sinceDispatch: 0 })) {
        if (line.outcome !== 'stored' || line.path === null) continue;
        stored += 1;
        if (sha256Of(path.join(root, line.path)) !== line.sha256) broken.push(line.path);
      }
    }
    return { stored, broken };
  }

  /** Types the same command on the disk that was restored last. */
  async expectRecovery(): Promise<void> {
    const { pipeline } = this;
    const { code, stderr } = await this.run().finished;
    await pipeline.expectVerified();
    const outcomes = await pipeline.query<object>(OUTCOMES);
    expect({ code, outcomes, stderr }).toEqual({ ...this.wanted, stderr });
    await pipeline.stop();
  }

  async dispose(): Promise<void> {
    await this.pipeline.stop();
    this.disk.dispose();
    await this.pipeline.dispose();
  }

  private run(): Command {
    const { pipeline, program } = this;
    const catalog = path.join(pipeline.folder, 'catalog.csv');
    const words = ['run', catalog, '--input', JSON.stringify({ hosts: HOSTS })];
    return program === null ? pipeline.start(...words) : pipeline.startProgram(program, ...words);
  }
}

function lanesBelow(runs: string): readonly { readonly runId: string; readonly lane: string }[] {
  const namesIn = (folder: string): readonly string[] =>
    fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return namesIn(runs).flatMap((runId) =>
    namesIn(path.join(runs, runId, 'ledger')).map((lane) => ({ runId, lane })),
  );
}

function sha256Of(file: string): string | null {
  if (!fs.existsSync(file)) return null;
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}
