import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const project = path.join(__dirname, '../..');

/** Checks a copy of `src` to which one import was added; returns the names of the broken rules. */
function brokenRules(file: string, added: string): readonly string[] {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-imports-'));
  try {
    fs.cpSync(path.join(project, 'src'), path.join(copy, 'src'), { recursive: true });
    for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      fs.copyFileSync(path.join(project, name), path.join(copy, name));
    }
    fs.symlinkSync(path.join(project, 'node_modules'), path.join(copy, 'node_modules'));
    fs.appendFileSync(path.join(copy, file), added);
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

describe('the import rules', () => {
  it('are kept by the tree as it is', () => {
    expect(brokenRules('src/log.ts', '')).toEqual([]);
  });

  it('fail when a download module reaches the warehouse, even by type', () => {
    const broken = brokenRules(
      'src/http/answer.ts',
      "\nimport type {} from '../warehouse/warehouse';\n",
    );
    expect(broken).toContain('downloads-never-see-the-database');
  });

  it('fail when a reader of plans sees how a plan is made, and when a download sees more than the reader', () => {
    const reader = brokenRules(
      'src/plan/read-plan-entries.ts',
      "\nimport type {} from './order-entries';\n",
    );
    expect(reader).toContain('plan-readers-read-only');
    expect(reader).toContain('downloads-never-see-the-database');
    const download = brokenRules('src/download/run-batch.ts', "\nimport '../plan/lane-packer';\n");
    expect(download).toEqual(['downloads-read-plans-only']);
  });

  it('fail when plan uses DuckDB outside its process, or a folder that is not its neighbour', () => {
    expect(
      brokenRules('src/plan/lane-packer.ts', "\nimport '@duckdb/node-api';\nimport '../log';\n"),
    ).toEqual(
      expect.arrayContaining(['plan-uses-duckdb-in-its-process-only', 'plan-has-few-neighbours']),
    );
  });

  it('fail when a workflow imports an activity by value', () => {
    const broken = brokenRules('src/workflows/steps.ts', "\nimport '../activities/open-run';\n");
    expect(broken).toContain('workflows-are-a-closed-layer');
  });
});
