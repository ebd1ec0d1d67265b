/** Every command of the operator's guide, run unchanged in the situation that it is for. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { RunEntry, RunState } from '../../../src/contract/run-record';
import { guideCommands, guidePictures, openShell, type Shell } from '../../helpers/runs/guide';
import { Pipeline } from '../../helpers/runs/pipeline';

const commands = guideCommands();
/**
 * The signature of a PNG.
 *
 * @see PNG specification (third edition), 5.2 PNG signature
 */
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CATALOG = 'catalogs/tate_artworks.csv.gz';

let pipeline: Pipeline;
let shell: Shell;
/** The catalog that the guide uses. */
let tate: string;
beforeAll(async () => {
  pipeline = await Pipeline.create();
  tate = fs.readFileSync(path.join(pipeline.root, await pipeline.writeCatalog(200)), 'utf8');
  writeCatalog();
  await pipeline.up();
  shell = openShell(pipeline);
});
afterAll(() => pipeline.dispose());

function writeCatalog(): void {
  const text = tate.replace('id,url', 'id,thumbnailUrl');
  fs.writeFileSync(path.join(pipeline.root, CATALOG), gzipSync(text));
}

/** Cuts the catalog short, so that ingest fails until the catalog is written again. */
function cutCatalog(): void {
  const file = path.join(pipeline.root, CATALOG);
  fs.writeFileSync(file, fs.readFileSync(file).subarray(0, -20));
}

function until(isSo: (run: RunEntry) => boolean): Promise<RunEntry> {
  return pipeline.whenRunOf('tate', isSo);
}

function untilState(state: RunState): Promise<RunEntry> {
  return until((run) => run.state === state);
}

const start = commands.get('Start a run')?.[0] ?? '';

/**
 * The guide's own command to start a run, for scenes in which the download must go on. It takes 100
 * seconds, in which a busy machine runs their commands.
 */
function startSlowly(): string {
  const hosts = '"hosts":{"default":{"connections":2,"requestsPerSecond":2}},"select":"all"';
  return shell.run(start.replace('"columns"', `${hosts},"columns"`));
}

async function whileItComesDown(): Promise<void> {
  startSlowly();
  await until((run) => run.state === 'running' && run.stored + run.notModified >= 2);
}

async function parked(): Promise<void> {
  cutCatalog();
  shell.run(start);
  await untilState('parked');
}

type Run = (block: number) => string;

/** For each section, the situation that its commands are for, and what they do. */
const scenes: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  'Start a run': async (run) => {
    run(0);
    await untilState('completed');
  },
  'Starting a run twice': async (run) => {
    await whileItComesDown();
    expect(() => run(0)).toThrow('already running');
  },
  'Watch it': (run) => {
    const said = run(0);
    expect(said).toContain('"workflowId":"tate"');
    expect(said).toContain('downloadImages');
    expect(said).toContain('tate  running (download)');
    expect(run(1)).not.toContain('tate');
    return Promise.resolve();
  },
  'Pause a run, and resume it': async (run) => {
    run(0);
    await untilState('paused');
    run(1);
    await untilState('running');
  },
  'Go easier on a host, or faster': (run) => {
    expect(run(0)).toContain('2 connections and 5 requests per second');
    return Promise.resolve();
  },
  'A host does not answer': (run) => {
    expect(run(0)).toContain('These are the downloads of the run');
    return Promise.resolve();
  },
  'End a run': async (run) => {
    run(0);
    await untilState('aborted');
    await whileItComesDown();
    run(1);
    await untilState('cancelled');
    await whileItComesDown();
    run(2);
    const described = shell.run('temporal workflow describe --workflow-id tate --output json');
    expect(described).toContain('WORKFLOW_EXECUTION_STATUS_TERMINATED');
  },
  'A step has failed: the run is parked': async (run) => {
    await parked();
    writeCatalog();
    run(0);
    await untilState('completed');
  },
  'Leave a step out': async (run) => {
    await parked();
    run(0);
    await untilState('completed');
    writeCatalog();
  },
  'Two runs over one warehouse': async (run) => {
    await whileItComesDown();
    shell.run(start.replace('--workflow-id tate', '--workflow-id other'));
    await pipeline.whenRunOf('other', (other) => other.state === 'waiting');
    while (!run(0).includes('other')) await delay(500);
    shell.run('temporal workflow cancel --workflow-id other');
    await pipeline.whenRunOf('other', (other) => other.state === 'cancelled');
  },
  'Pausing one activity': (run) => {
    expect(run(0)).toContain('tate-download');
    return Promise.resolve();
  },
  'Restarting and replacing workers': async (run) => {
    expect(run(0)).toMatch(/activity +\d+@/);
    shell.run('temporal workflow cancel --workflow-id tate');
    await untilState('cancelled');
  },
  'Resetting a run': async (run) => {
    run(0);
    shell.run(
      `temporal workflow update execute --workflow-id tate --name setHostBudget --input '{"host":"default","connections":4,"requestsPerSecond":100}'`,
    );
    await untilState('completed');
    cutCatalog();
    shell.run(start.replace('"columns"', '"onStepFailure":"fail","columns"'));
    await untilState('failed');
    writeCatalog();
    const failed = `temporal workflow count --query 'ArtemisState="failed"'`;
    while (!shell.run(failed).includes('Total: 1')) await delay(500);
    run(1);
    await untilState('completed');
  },
};

/** Sections whose commands another test runs, in situations of their own. */
const elsewhere = ['Schedules'];

describe('the operator’s guide', () => {
  it('has a scene in this test for every section with commands', () => {
    expect([...Object.keys(scenes), ...elsewhere].sort()).toEqual([...commands.keys()].sort());
  });

  it('shows pictures that exist', () => {
    const pictures = guidePictures();
    expect(pictures.length).toBeGreaterThan(0);
    for (const picture of pictures) {
      const bytes = fs.readFileSync(path.join(__dirname, '../../../docs', picture));
      expect({ picture, signature: bytes.subarray(0, 8) }).toEqual({ picture, signature: PNG });
      expect(bytes.length).toBeGreaterThan(1_000);
    }
  });

  it.each(Object.keys(scenes))('the commands of "%s" work', async (heading) => {
    const blocks = commands.get(heading) ?? [];
    const ran = new Set<number>();
    await scenes[heading]?.((block) => {
      ran.add(block);
      return shell.run(blocks[block] ?? 'false');
    });
    expect(ran.size).toBe(blocks.length);
  });
});
