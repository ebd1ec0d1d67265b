/**
 * Prints the end of the demo: what happened, the results of a few queries of the snapshot, and what
 * to type next.
 */
import type { CommandContext } from '../cli/command-context';
import { asTable } from '../cli/result-table';
import { artemisCommand } from '../contract/commands/printed-command';
import { querySnapshot } from '../warehouse/snapshot/query-snapshot';

const QUERIES: readonly (readonly [title: string, sql: string])[] = [
  [
    'The images of this run by code:',
    `SELECT coalesce(code, outcome) AS code, count(DISTINCT source_image_id) AS images, sum(request_count) AS requests
     FROM fact_download WHERE run_id = $run GROUP BY ALL ORDER BY images DESC`,
  ],
  [
    'The collection:',
    'SELECT state, count(*) AS images FROM image_state GROUP BY ALL ORDER BY images DESC',
  ],
  [
    'Copies, which have the same bytes under different URLs:',
    `SELECT count(*) AS groups, sum(images)::INTEGER AS images, sum(wasted_bytes)::BIGINT AS wasted_bytes
     FROM duplicates WHERE kind = 'exact' HAVING count(*) > 0`,
  ],
  [
    'The blurriest pictures:',
    `SELECT source_image_id AS id, left(title, 40) AS title, round(sharpness)::INTEGER AS sharpness
     FROM image_feature JOIN catalog_row USING (source_image_id) WHERE pdq_quality >= 50
     ORDER BY image_feature.sharpness, source_image_id LIMIT 5`,
  ],
  [
    'The colours of the pictures:',
    `SELECT colour, count(*) AS images FROM image_feature GROUP BY colour ORDER BY images DESC, colour LIMIT 6`,
  ],
];

export async function showResults(
  { config, terminal }: CommandContext,
  runId: string,
): Promise<void> {
  const { dataRoot, database } = config;
  for (const [title, template] of QUERIES) {
    const sql = template.replace('$run', `'${runId}'`);
    const result = await querySnapshot({ dataRoot, sql, database });
    terminal.data(
      `\n${title}\n${result.rows.length === 0 ? '(nothing: an earlier run downloaded everything)\n' : asTable(result)}`,
    );
  }
  terminal.say('\nNext, query it yourself:');
  terminal.say(
    `  npx ${artemisCommand(`query "SELECT source_image_id, thumb_path, thumb_width FROM image WHERE state = 'stored' LIMIT 5"`, dataRoot)}`,
  );
  terminal.say(`  npx ${artemisCommand('status', dataRoot)}`);
  terminal.say('Look at the pictures and the report in a browser, also while a run goes on:');
  terminal.say(`  npx ${artemisCommand('serve', dataRoot)}`);
}
