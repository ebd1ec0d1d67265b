#!/usr/bin/env node
'use strict';
/**
 * Starts the command line. In a checkout it compiles `src` first when that is newer than `dist`,
 * because install scripts are off (.npmrc) and nothing else does it.
 */
const path = require('node:path');
const { enableCompileCache, getCompileCacheDir } = require('node:module');
const { build, isBuilt } = require('./build');
const { limitMemory } = require('./limit-memory');

limitMemory();

if (!isBuilt()) {
  process.stderr.write('compiling (once) …\n');
  if (build() !== 0) {
    process.stderr.write(
      'artemis-pipeline: the program could not be compiled; run "npm ci", then "npm run build".\n',
    );
    process.exit(1);
  }
}

// From Node 22 on, compiled code is cached, so that a command starts sooner. Its threads read the
// cache only when this variable names it. The processes that read untrusted files do not get it.
enableCompileCache?.();
if (getCompileCacheDir?.() !== undefined)
  process.env.NODE_COMPILE_CACHE ??= path.dirname(getCompileCacheDir());
require(path.join(__dirname, '..', 'dist', 'bundled', 'cli', 'main.js'));
