/** Finds the files of a data root that docs/reference/files.md does not list. */
import fs from 'node:fs';
import path from 'node:path';
import { namesOf, readReferencePage } from '../../reference/reference-page';

const PLAN = 'runs/<runId>/plan/';

/** Catalogs that a test keeps beside the folders of this program. */
const CATALOG_IN_ROOT = /^[^/]+\.(csv|txt)$/;

/**
 * Returns their paths, relative to the root. A page that lists a folder as a whole, as it does
 * `catalogs/` and `temporal/`, stands for all files in it.
 */
export function unlistedFiles(root: string): readonly string[] {
  if (!fs.existsSync(root)) return [];
  const page = readReferencePage('files.md');
  const places = namesOf(page.table('What is what')).filter((place) => place !== PLAN);
  const belowPlan = namesOf(page.table('Plan')).map((place) => `${PLAN}${place}`);
  const patterns = [...places, ...belowPlan].map(patternOf);
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => ![...patterns, CATALOG_IN_ROOT].some((pattern) => pattern.test(file)));
}

/**
 * `<name>` stands for a part of a name. A place that ends with `/` stands for everything below it.
 */
function patternOf(place: string): RegExp {
  const parts = place.split(/<[^>]+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}${place.endsWith('/') ? '' : '$'}`);
}
