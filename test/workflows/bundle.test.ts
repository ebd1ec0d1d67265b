import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { createLogger } from '../../src/log';
import { sdkLogger } from '../../src/telemetry/sdk-logger';

describe('the workflow bundle', () => {
  it('holds neither the database, nor zod, nor Node built-ins, nor the downloader', async () => {
    const bundle = await bundleWorkflowCode({
      workflowsPath: path.join(__dirname, '../../src/workflows/index.ts'),
      logger: sdkLogger(createLogger({ level: 'silent', pretty: false })),
    });
    expect(bundle.code).toContain('runPipeline');
    const modules = [...bundle.code.matchAll(/\/\*\*\*\/ "(\.\/[^"]+)"/g)].map(
      (match) => match[1] ?? '',
    );
    expect(modules).toContain('./src/workflows/run/run-pipeline.ts');
    for (const forbidden of [
      /@duckdb/,
      /\/zod\//,
      /undici/,
      /sharp/,
      /src\/(?!workflows|contract)/,
    ]) {
      expect(modules.filter((module) => forbidden.test(module))).toEqual([]);
    }
  });
});
