/** The step `clusters` in whole runs: groups of planted copies, and models that read the groups. */
import fs from 'node:fs';
import type { RunEntry } from '../../../src/contract/run-record';
import { Pipeline, type Finished } from '../../helpers/runs/pipeline';
import {
  softPicture,
  startPlantedCopies,
  writePlantedCatalog,
  type PlantedCopies,
} from '../../helpers/images/planted-copies';

const OWN = 8;
/** Beside the pictures themselves: two copies, three smaller ones, a plain one. */
const COUNT = OWN + 6;
const ALL_STEPS = 'ingest,download,features,clusters,aggregates,publish';
const STEPS = 'features,clusters,aggregates,publish';
const PREFIX = 'artemis-clusters';

let planted: PlantedCopies;
let pipeline: Pipeline;
beforeAll(async () => {
  planted = await startPlantedCopies(OWN);
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_ALLOWED_PORTS: String(planted.server.port),
  });
  await pipeline.up();
});
afterAll(async () => {
  await pipeline.dispose();
  await planted.server.close();
});

function runCatalog(steps: string): Promise<Finished> {
  return pipeline.run('run', writePlantedCatalog(pipeline.root, planted), '--steps', steps);
}

/** The members of each group, ordered by their ids, and the representative. */
function groups(kind: string): Promise<{ id: string; members: string; size: number }[]> {
  return pipeline.query(
    `SELECT c.representative_image_id AS id, string_agg(m.source_image_id, ' ' ORDER BY m.source_image_id) AS members, any_value(c.size) AS size
     FROM cluster c JOIN cluster_member m USING (kind, cluster_id)
     WHERE kind = '${kind}' GROUP BY c.cluster_id, id ORDER BY id`,
  );
}

async function completed(workflowId: string): Promise<RunEntry> {
  return pipeline.whenRunOf(workflowId, ({ state }) => state === 'completed');
}

describe('a run with all steps, from an empty data root', () => {
  it('publishes the groups of its own images', async () => {
    const { code, stderr } = await runCatalog(ALL_STEPS);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stderr).toContain(
      'clusters: 2 exact copies in 1 group; 3 near duplicates in 3 groups; ',
    );
    expect(stderr).toContain('1 file too plain to have near duplicates');
    const copies = 'copy0 copy0again own0';
    expect(await groups('exact')).toEqual([{ id: 'own0', members: copies, size: 3 }]);
    expect(await groups('near')).toEqual([
      { id: 'own0', members: `${copies} small0`, size: 4 },
      { id: 'own1', members: 'own1 small1', size: 2 },
      { id: 'own2', members: 'own2 small2', size: 2 },
    ]);
    const visual = await pipeline.query<object>(
      `SELECT count(*)::INT AS images, count(DISTINCT source_image_id)::INT AS different
       FROM cluster_member WHERE kind = 'visual'`,
    );
    expect(visual).toEqual([{ images: COUNT, different: COUNT }]);
  });

  it('builds its models with the groups', async () => {
    const found = await pipeline.query<object>(
      'SELECT kind, sum(images)::INT AS images, count(*)::INT AS groups FROM duplicates GROUP BY kind ORDER BY kind',
    );
    expect(found).toEqual([
      { kind: 'exact', images: 3, groups: 1 },
      { kind: 'near', images: 8, groups: 3 },
    ]);
    expect(
      await pipeline.query<object>(
        "SELECT count(*)::INT AS n FROM quality WHERE issue = 'near_duplicate'",
      ),
    ).toEqual([{ n: 5 }]);
  });

  it('says so in its summary, its record, and the status', async () => {
    const run = await pipeline.when(({ state }) => state === 'completed');
    const counts = {
      ...{ exactGroups: 1, exactCopies: 2, nearGroups: 3, nearDuplicates: 3 },
      ...{ compared: COUNT - 2, tooPlain: 1, notCompared: 0 },
    };
    expect(pipeline.summary(run.runId).clusters).toMatchObject(counts);
    expect(run.clusters).toMatchObject(counts);
    expect((await pipeline.run('status')).stdout).toContain('3 near duplicates in 3 groups');
    const [step] = await pipeline.query<{ state: string; done_count: number }>(
      `SELECT state, done_count::INT AS done_count FROM etl_step WHERE step = 'clusters' AND run_id = '${run.runId}'`,
    );
    expect(step?.state).toBe('completed');
    expect(step?.done_count).toBe(4 + (run.clusters?.visualGroups ?? 0));
    const from = await pipeline.query<object>(
      "SELECT table_name, run_id FROM derived_from WHERE table_name LIKE 'cluster%' ORDER BY 1",
    );
    expect(from).toEqual(
      ['cluster', 'cluster_member'].map((table) => ({ table_name: table, run_id: run.runId })),
    );
    await pipeline.expectVerified();
  });
});

describe('later runs', () => {
  it('find the groups again only when files or features are new', async () => {
    const [before] = await pipeline.query<object>("FROM derived_from WHERE table_name = 'cluster'");
    const second = await pipeline.run('run', '--steps', STEPS);
    expect(second.stderr).toContain('clusters: 2 exact copies in 1 group;');
    expect(second.code).toBe(0);
    expect(await pipeline.query("FROM derived_from WHERE table_name = 'cluster'")).toEqual([
      before,
    ]);

    planted.add('late', await softPicture(3));
    const third = await runCatalog(ALL_STEPS);
    expect(third.code).toBe(0);
    expect((await groups('exact')).map(({ members }) => members)).toContain('late own3');
    expect(await pipeline.query("FROM derived_from WHERE table_name = 'cluster'")).not.toEqual([
      before,
    ]);
  });

  it('without the step keep the groups', async () => {
    const before = await groups('near');
    const { code } = await runCatalog('ingest,download,publish');
    expect(code).toBe(0);
    expect(await groups('near')).toEqual(before);
  });
});

describe('the step clusters', () => {
  const update = (name: string, input: object): Promise<string> =>
    pipeline.temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', 'steered', '--name', name],
      ...['--input', JSON.stringify(input)],
    );

  it('parks when its groups cannot be published, and can be retried', async () => {
    // No file can be installed below a file.
    fs.rmSync(`${pipeline.root}/derived`, { recursive: true });
    fs.writeFileSync(`${pipeline.root}/derived`, '');
    const input = { catalog: 'catalogs/planted.csv', steps: ['clusters', 'publish'] };
    await pipeline.temporal(
      ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'steered'],
      ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify(input)],
    );
    const parked = await pipeline.whenRunOf('steered', ({ state }) => state === 'parked');
    expect(parked.step).toMatchObject({ name: 'clusters' });
    fs.rmSync(`${pipeline.root}/derived`, { recursive: true, force: true });
    await update('retryStep', { step: 'clusters' });
    const { clusters } = await completed('steered');
    expect(clusters).toMatchObject({ nearGroups: 3, exactGroups: 2 });
    expect(await groups('near')).toHaveLength(3);
  });
});
