/** Questions of people who have nothing but the browser, and their answers. */
import fs from 'node:fs';
import path from 'node:path';
import type { Pipeline } from '../helpers/runs/pipeline';
import type { Served } from './serve-fixture';

interface Scene {
  readonly served: () => Served;
  readonly pipeline: () => Pipeline;
}

/** The other images of a group by the distance of their looks, as numbers of a list. */
function nearestSql(id: string, group: string): string {
  const look = (name: string): string =>
    `list_transform(range(64), n -> (('0x' || substr(hex(${name}.look), 2 * n + 1, 2))::INTEGER + 128) % 256)`;
  return `SELECT m.source_image_id AS id FROM cluster_member m JOIN feature f USING (sha256),
  (SELECT f.* FROM cluster_member m JOIN feature f USING (sha256)
   WHERE m.kind = 'visual' AND m.source_image_id = '${id}') o
WHERE m.kind = 'visual' AND m.cluster_id = '${group}' AND f.sha256 <> o.sha256
ORDER BY list_distance(${look('f')}::FLOAT[], ${look('o')}::FLOAT[]), m.source_image_id LIMIT 5`;
}

export function describeLookAlikes({ served, pipeline }: Scene): void {
  it('the page of an image shows the images that look most like one, the nearest first', async () => {
    const [pair] = await pipeline().query<{ id: string; group: string; images: number }>(
      `SELECT m.source_image_id AS id, c.cluster_id AS group, c.files AS images FROM cluster c
       JOIN cluster_member m USING (kind, cluster_id) WHERE kind = 'visual' AND files > 3 LIMIT 1`,
    );
    const { id = '', group = '' } = pair ?? {};
    const { body } = await served().get(`/image?id=${id}`);
    const section = body.slice(body.indexOf('id="alike"'));
    expect(section).toContain(`href="/images?group=visual%3A${group}"`);
    const nearest = await pipeline().query<{ id: string }>(nearestSql(id, group));
    const [first = ''] = [...section.matchAll(/href="\/image\?id=([^"]*)"/g)].map(([, one]) => one);
    expect(first).toBe(nearest[0]?.id);
  });
}

/** Removes a file, so it must stand behind the tests that need all of them. */
export function describeRepaired({ served, pipeline }: Scene): void {
  it('what to do next is a command for all images, also after a repair', async () => {
    const [row] = await pipeline().query<{ path: string }>(
      "SELECT thumb_path AS path FROM image WHERE state = 'stored' ORDER BY record DESC LIMIT 1",
    );
    fs.rmSync(path.join(pipeline().root, row?.path ?? ''));
    await pipeline().run('repair');
    const [newest] = (await pipeline().status()).runs;
    expect(newest?.workflowId).toBe('repair');
    const home = await served().text('/');
    expect(home).toContain('repair , started');
    expect(home).toContain('run --workflow-id art --select failed --data');
    expect(home).not.toContain('--workflow-id repair');
  });
}
