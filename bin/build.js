'use strict';
/** Compiles `src` to `dist`, copies the SQL files, and bundles what starts often (bundle.js). */
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist');
/** Folders whose SQL files the program reads when it runs. */
const SQL_FOLDERS = [
  path.join('warehouse', 'schema'),
  path.join('models', 'package'),
  path.join('models', 'package', 'checks'),
];
const stamp = path.join(dist, '.built');

/** True when `dist` was made after the newest file of `src`, or there is no `src`. */
function isBuilt() {
  const source = path.join(root, 'src');
  if (!fs.existsSync(source)) return true;
  return fs.existsSync(stamp) && fs.statSync(stamp).mtimeMs >= newest(source);
}

function newest(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? newest(file) : fs.statSync(file).mtimeMs;
    })
    .reduce((a, b) => Math.max(a, b), 0);
}

/** Returns an exit code. */
function build() {
  const startedAt = new Date();
  const compiled = run([
    require.resolve('typescript/bin/tsc'),
    '-p',
    'tsconfig.build.json',
    '--noCheck',
  ]);
  const assembled = compiled === 0 ? assemble() : compiled;
  const status = assembled === 0 ? run([path.join(__dirname, 'bundle.js')]) : assembled;
  if (status === 0) {
    for (const folder of SQL_FOLDERS) copySql(folder);
    fs.writeFileSync(stamp, '');
    fs.utimesSync(stamp, startedAt, startedAt);
  }
  return status;
}

/** Compiles what is written in AssemblyScript to WebAssembly. */
function assemble() {
  const folder = path.join('images', 'jpeg', 'assembly');
  const target = path.join(dist, folder, 'walk-mcus.wasm');
  const temp = path.join(dist, folder, `.walk-mcus.${process.pid}`);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const status = run([
    path.join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js'),
    path.join(root, 'src', folder, 'walk-mcus.ts'),
    ...['-O3', '--runtime', 'stub', '--noAssert', '--outFile', temp],
  ]);
  if (status === 0) fs.renameSync(temp, target);
  return status;
}

function run(words) {
  return spawnSync(process.execPath, words, { cwd: root, stdio: ['ignore', 2, 2] }).status ?? 1;
}

/**
 * Removes files that `src` no longer has, because the program reads every SQL file of these folders
 * in `dist`.
 */
function copySql(folder) {
  const [from, to] = [path.join(root, 'src', folder), path.join(dist, folder)];
  const isSql = (name) => name.endsWith('.sql');
  const names = fs.readdirSync(from).filter(isSql);
  fs.mkdirSync(to, { recursive: true });
  for (const name of names) {
    const temp = path.join(to, `.${name}.${process.pid}`);
    fs.copyFileSync(path.join(from, name), temp);
    fs.renameSync(temp, path.join(to, name));
  }
  for (const name of fs.readdirSync(to).filter(isSql))
    if (!names.includes(name)) fs.rmSync(path.join(to, name));
}

module.exports = { build, isBuilt };

if (require.main === module) process.exitCode = build();
