import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const project = path.join(__dirname, '../..');

interface Violation {
  readonly file: string;
  readonly code: string;
}

/**
 * Checks a copy of `src` to which imports were added, and returns the names of the broken rules.
 */
function brokenRules(...violations: readonly Violation[]): readonly string[] {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-imports-'));
  try {
    fs.cpSync(path.join(project, 'src'), path.join(copy, 'src'), { recursive: true });
    for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      fs.copyFileSync(path.join(project, name), path.join(copy, name));
    }
    fs.symlinkSync(path.join(project, 'node_modules'), path.join(copy, 'node_modules'));
    fs.mkdirSync(path.join(copy, 'test'));
    fs.writeFileSync(path.join(copy, 'test/helper.ts'), 'export {};\n');
    for (const { file, code } of violations) {
      fs.appendFileSync(path.join(copy, 'src', file), `\n${code}\n`);
    }
    const run = spawnSync(
      process.execPath,
      [
        path.join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        'src',
        '--preserve-symlinks',
        '--output-type',
        'json',
      ],
      { cwd: copy, encoding: 'utf8', maxBuffer: 100_000_000 },
    );
    const report = JSON.parse(run.stdout) as {
      summary: { violations: { rule: { name: string } }[] };
    };
    return [...new Set(report.summary.violations.map((violation) => violation.rule.name))];
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
}

/**
 * One violation of each rule. If a rule is about a folder, the import is in a file of that folder.
 */
const VIOLATIONS: Readonly<Record<string, Violation>> = {
  'workflows-are-a-closed-layer': {
    file: 'workflows/run/steps.ts',
    code: "import '../../activities/open-run';",
  },
  'workflows-know-activities-by-type-only': {
    file: 'workflows/run/open-run.ts',
    code: "import type {} from '../../files/run/lease';",
  },
  'contract-is-a-leaf': { file: 'contract/outcome.ts', code: "import 'zod';" },
  'only-roots-read-config-values': {
    file: 'download/run-batch.ts',
    code: "import { loadConfig } from '../config';",
  },
  'nothing-imports-a-root': { file: 'cli/terminal.ts', code: "import './main';" },
  'downloads-never-see-the-database': {
    file: 'http/answer.ts',
    code: "import type {} from '../warehouse/warehouse';",
  },
  'host-limits-know-no-outage': {
    file: 'download/hosts/limits/limiter.ts',
    code: "import type {} from '../outages/circuit-breaker';",
  },
  'host-outages-know-no-network': {
    file: 'download/hosts/outages/circuit-breaker.ts',
    code: "import type {} from '../network/network-gate';",
  },
  'downloads-read-plans-only': {
    file: 'download/slots.ts',
    code: "import '../plan/lane-packer';",
  },
  'plan-has-few-neighbours': { file: 'plan/lane-packer.ts', code: "import '../log';" },
  'plan-uses-duckdb-in-its-process-only': {
    file: 'plan/share-budget.ts',
    code: "import '@duckdb/node-api';",
  },
  'plan-readers-read-only': {
    file: 'plan/read-plan-entries.ts',
    code: "import type {} from './order-entries';",
  },
  'code-of-a-child-stays-in-its-process': {
    file: 'clusters/find-clusters.ts',
    code: "import type {} from './child/group-files';",
  },
  'nothing-imports-a-process': {
    file: 'catalog/parse-catalog.ts',
    code: "import './catalog-child';",
  },
  'plan-activities-use-duckdb-in-a-child-only': {
    file: 'activities/plan-activities.ts',
    code: "import '../warehouse/warehouse';",
  },
  'only-the-warehouse-opens-the-warehouse': {
    file: 'server/embedded/find-cli.ts',
    code: "import '../../warehouse/warehouse';",
  },
  'the-command-line-reads-snapshots-only': {
    file: 'cli/status-text.ts',
    code: "import '../warehouse/warehouse';",
  },
  'only-rebuild-rebuilds': {
    file: 'cli/commands/rebuild.ts',
    code: "import '../../warehouse/warehouse';",
  },
  'verify-and-maintenance-read-snapshots-only': {
    file: 'maintenance/prune.ts',
    code: "import '../warehouse/warehouse';",
  },
  'duckdb-has-three-homes': {
    file: 'server/embedded/free-ports.ts',
    code: "import '@duckdb/node-api';",
  },
  'only-http-opens-sockets': { file: 'files/run/lease.ts', code: "import 'undici';" },
  'only-images-names-sharp': { file: 'files/sha256-of-file.ts', code: "import 'sharp';" },
  'only-the-demo-command-knows-of-the-demo': {
    file: 'cli/exit-codes.ts',
    code: "import '../demo/demo';",
  },
  'src-never-imports-tests': {
    file: 'files/data-root.ts',
    code: "import '../../test/helper';",
  },
  'no-dev-dependency-in-src': { file: 'files/directories.ts', code: "import 'jest';" },
  'no-cycles': { file: 'contract/errors.ts', code: "import type {} from './payloads';" },
  'no-unresolved': { file: 'input/run-input-schema.ts', code: "import './nowhere';" },
};

/** Returns, for a folder, one file that imports a folder which its allow-list does not name. */
function violationOfAllowList(folder: string): Violation {
  const [file] = fs
    .readdirSync(path.join(project, 'src', folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  if (file === undefined) throw new Error(`no file in src/${folder}`);
  const up = '../'.repeat(file.split(path.sep).length);
  const foreign = ['cli', 'demo'].includes(folder) ? 'images/image-checker' : 'demo/demo';
  return { file: path.join(folder, file), code: `import type {} from '${up}${foreign}';` };
}

describe('the import rules', () => {
  it('are kept by all modules', () => {
    expect(brokenRules()).toEqual([]);
  });

  it('reject a violation of each of them', () => {
    const { forbidden } = createRequire(__filename)('../../.dependency-cruiser.cjs') as {
      readonly forbidden: readonly { readonly name: string }[];
    };
    const names = forbidden.map(({ name }) => name);
    const allowLists = names.filter((name) => name.startsWith('neighbours-of-'));
    const folders = fs
      .readdirSync(path.join(project, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(allowLists.map((name) => name.slice('neighbours-of-'.length))).toEqual(folders.sort());
    expect([...allowLists, ...Object.keys(VIOLATIONS)]).toEqual(names);
    const broken = brokenRules(...folders.map(violationOfAllowList), ...Object.values(VIOLATIONS));
    expect(names.filter((name) => !broken.includes(name))).toEqual([]);
  });
});
