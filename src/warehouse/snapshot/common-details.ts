/** Finds the most frequent details of the failed images of a run. */
import { cut } from '../../contract/markdown';
import type { CommonDetail, Summary } from '../../contract/run-record';
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';

/** The codes of which most images failed. The others are in `fact_download`. */
const MOST_CODES = 20;

/** The length to which a detail is cut, in bytes. */
const LONGEST_DETAIL = 300;

/** An image that was stored after a failure of the same run did not fail. */
const COMMON_DETAILS = `
  WITH failed AS (
    SELECT source_image_id, code, detail FROM fact_download WHERE run_id = $1 AND outcome = 'failed'),
  stored AS (
    SELECT source_image_id FROM fact_download SEMI JOIN failed USING (source_image_id)
    WHERE run_id = $1 AND outcome <> 'failed'),
  counted AS (
    SELECT code, detail, count(DISTINCT source_image_id) AS images
    FROM failed ANTI JOIN stored USING (source_image_id) GROUP BY ALL)
  SELECT code, detail, images, sum(images) OVER (PARTITION BY code) AS of_code FROM counted
  WHERE detail IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY code ORDER BY images DESC, detail) = 1
  ORDER BY of_code DESC, code LIMIT ${MOST_CODES}`;

/** The most frequent detail of each code of a run. */
export async function commonDetails(
  database: Database,
  runId: string,
): Promise<NonNullable<Summary['details']>> {
  const rows = await rowsOf(database, COMMON_DETAILS, [runId]);
  return Object.fromEntries(
    rows.map(({ code, detail, images }): [string, CommonDetail] => [
      String(code),
      { detail: cut(String(detail), LONGEST_DETAIL), images: Number(images) },
    ]),
  );
}
