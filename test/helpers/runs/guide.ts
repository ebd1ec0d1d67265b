/** Reads the operator's guide: its commands by heading, and a shell that runs them unchanged. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Pipeline } from './pipeline';

const GUIDE = path.join(__dirname, '../../../docs/operating.md');
const BIN = path.join(__dirname, '../../../bin/artemis-pipeline.js');

/** The headings that have commands, each with its `sh` blocks in order. */
export function guideCommands(): ReadonlyMap<string, readonly string[]> {
  const sections = fs.readFileSync(GUIDE, 'utf8').split(/^#+ /m).slice(1);
  const commands = sections.map((section): [string, string[]] => {
    const heading = section.slice(0, section.indexOf('\n')).trim();
    const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)];
    return [heading, blocks.map(([, block]) => (block ?? '').trim())];
  });
  return new Map(commands.filter(([, blocks]) => blocks.length > 0));
}

/** The pictures that the guide shows, relative to the guide. */
export function guidePictures(): readonly string[] {
  const text = fs.readFileSync(GUIDE, 'utf8');
  return [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file]) => file ?? '');
}

export interface Shell {
  /**
   * Runs a command of the guide unchanged.
   *
   * @throws an Error with the command's output when it fails.
   */
  run(command: string): string;
}

/**
 * Opens a shell with `temporal` and `artemis-pipeline` on its PATH, in a folder whose `data` is the
 * pipeline's data root.
 */
export function openShell(pipeline: Pipeline): Shell {
  const programs = path.join(pipeline.folder, 'bin');
  const { address, cli } = pipeline.server();
  fs.mkdirSync(programs, { recursive: true });
  fs.symlinkSync(cli, path.join(programs, 'temporal'));
  fs.writeFileSync(
    path.join(programs, 'artemis-pipeline'),
    `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`,
    { mode: 0o755 },
  );
  const env = {
    ...process.env,
    PATH: `${programs}:${process.env.PATH ?? ''}`,
    TEMPORAL_ADDRESS: address,
    ARTEMIS_DATA: pipeline.root,
  };
  return {
    run: (command) => {
      const shell = spawnSync('bash', ['-euo', 'pipefail', '-c', command], {
        cwd: pipeline.folder,
        env,
        encoding: 'utf8',
        timeout: 60_000,
      });
      const said = `${shell.stdout}${shell.stderr}`;
      if (shell.status !== 0)
        throw new Error(`this command of the guide failed:\n${command}\n${said}`);
      return said;
    },
  };
}
