'use strict';
/**
 * Makes single files of what Node would otherwise load from hundreds: of the workflows, because a
 * worker that had to bundle them would start two seconds later, and of the programs that start
 * often. The command line spends half of its processor time before the first request in loading
 * modules, a child process on a small catalog as much.
 */
const fs = require('node:fs');
const path = require('node:path');
const webpack = require('webpack');
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');

const dist = path.join(__dirname, '..', 'dist');
const { CHILD_SCRIPTS } = require(path.join(dist, 'processes', 'child-scripts.js'));
const PROGRAMS = ['cli/main.js', ...CHILD_SCRIPTS];
/** Packages that find native parts, threads or other files of theirs beside their modules. */
const SEPARATE_PACKAGES = /^(@duckdb\/node-bindings|@temporalio\/.*|pino|pino-pretty|sharp)$/;

async function bundleWorkflows() {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(dist, 'workflows', 'index.js'),
    logger: new DefaultLogger('WARN'),
    // Each worker parses the source map when it starts. For the traces of failures, lines are enough.
    webpackConfigHook: (config) => ({
      ...config,
      devtool: 'inline-nosources-cheap-module-source-map',
    }),
  });
  const temp = path.join(dist, `.workflow-bundle.${process.pid}`);
  fs.writeFileSync(temp, code);
  fs.renameSync(temp, path.join(dist, 'workflow-bundle.js'));
}

/** Bundles each program `dist/<name>` with the packages that it uses into `dist/bundled/<name>`. */
async function bundlePrograms() {
  const temp = path.join(dist, `.bundled.${process.pid}`);
  const compiler = webpack({
    mode: 'none',
    target: 'node20',
    context: dist,
    entry: Object.fromEntries(
      PROGRAMS.map((name) => [name, { import: `./${name}`, filename: name }]),
    ),
    output: { path: temp, library: { type: 'commonjs2' } },
    externals: ({ request }, callback) =>
      SEPARATE_PACKAGES.test(request) ? callback(null, `commonjs ${request}`) : callback(),
    // Modules that are imported later are in the same file, and run when they are imported.
    module: { parser: { javascript: { dynamicImportMode: 'eager' } } },
    // They stay what Node gives the bundled file. built-file.ts finds the package from there.
    node: { __dirname: false, __filename: false },
  });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error === null ? resolve(result) : reject(error)));
  });
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
  for (const name of PROGRAMS) {
    const target = path.join(dist, 'bundled', name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    // A process that starts meanwhile gets the old file or the new one.
    fs.renameSync(path.join(temp, name), target);
  }
  fs.rmSync(temp, { recursive: true });
}

void Promise.all([bundleWorkflows(), bundlePrograms()]);
