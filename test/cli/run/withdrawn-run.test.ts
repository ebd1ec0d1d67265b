/** A run that began while its workers were created, and whose workers cannot be created. */
import fs from 'node:fs';
import path from 'node:path';
import { EXIT } from '../../../src/cli/exit-codes';
import { Pipeline } from '../../helpers/runs/pipeline';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await Pipeline.create();
});
afterAll(() => pipeline.dispose());

describe('a run with a server of its own, in a data root that no worker can open', () => {
  it('is withdrawn, and the same command runs once the data root is usable', async () => {
    const catalog = path.join(pipeline.root, await pipeline.writeCatalog(3));
    const identity = path.join(pipeline.root, 'artemis.json');
    fs.writeFileSync(identity, 'not JSON');
    const refused = await pipeline.run('run', catalog);
    expect(refused).toMatchObject({ code: EXIT.unusable });
    expect(refused.stderr).toContain('artemis.json');
    expect(await states()).toEqual(['Terminated']);
    fs.rmSync(identity);
    await pipeline.expectFine('run', catalog);
    expect(await states()).toContain('Completed');
  });
});

/** The states of the workflows that Temporal knows, without the children of runs. */
async function states(): Promise<readonly string[]> {
  const query = "WorkflowType = 'runPipeline'";
  const listed = await pipeline.temporal('workflow', 'list', '-o', 'json', '--query', query);
  const workflows = JSON.parse(listed) as readonly { readonly status: string }[];
  return workflows
    .map(({ status }) => status.replace('WORKFLOW_EXECUTION_STATUS_', ''))
    .map((status) => status.charAt(0) + status.slice(1).toLowerCase());
}
