import fs from 'node:fs';
import path from 'node:path';

describe('the workflow bundle', () => {
  it('holds neither the database, nor zod, nor Node built-ins, nor the downloader', () => {
    // As the build makes it, which is what a worker runs.
    const code = fs.readFileSync(path.join(__dirname, '../../dist/workflow-bundle.js'), 'utf8');
    expect(code).toContain('runPipeline');
    const modules = [...code.matchAll(/\/\*\*\*\/ "(\.\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(modules).toContain('./dist/workflows/run/run-pipeline.js');
    for (const forbidden of [
      /@duckdb/,
      /\/zod\//,
      /undici/,
      /sharp/,
      /^\.\/dist\/(?!workflows|contract)/,
    ]) {
      expect(modules.filter((module) => forbidden.test(module))).toEqual([]);
    }
  });
});
