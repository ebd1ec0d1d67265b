/** Two later versions of the schema, as a release would bring them, with the statements that DuckDB 1.5.6 was seen to break on. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Migration } from '../../src/warehouse/migrations';

export const LATER_VERSIONS = JSON.parse(
  readFileSync(path.join(__dirname, 'later-versions.json'), 'utf8'),
) as readonly Migration[];
