#!/usr/bin/env node
'use strict';
/**
 * Starts the command line. In a checkout it compiles `src` first when that is newer than `dist`: install scripts are off
 * (.npmrc), so nothing else does.
 */
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { enableCompileCache } = require('node:module');

const root = path.join(__dirname, '..');
const main = path.join(root, 'dist', 'cli', 'main.js');
const stamp = path.join(root, 'dist', '.built');

function newest(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? newest(file) : fs.statSync(file).mtimeMs;
    })
    .reduce((a, b) => Math.max(a, b), 0);
}

function isBuilt() {
  const source = path.join(root, 'src');
  if (!fs.existsSync(source)) return true;
  return fs.existsSync(stamp) && fs.statSync(stamp).mtimeMs >= newest(source);
}

if (!isBuilt()) {
  process.stderr.write('compiling (once) …\n');
  const startedAt = new Date();
  const build = spawnSync(
    process.execPath,
    [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  if (build.status !== 0) {
    process.stderr.write(
      'artemis-pipeline: the program could not be compiled; run "npm ci", then "npm run build".\n',
    );
    process.exit(1);
  }
  fs.writeFileSync(stamp, '');
  fs.utimesSync(stamp, startedAt, startedAt);
}

// From Node 22 on: compiled code is kept, so that a command starts sooner.
enableCompileCache?.();
require(main);
