/** The style sheet, the script and the icon of the pages. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Hono } from 'hono';
import { ICON, STYLE } from '../pages/style';
import { builtFile } from '../../files/process/built-file';
import type { ServeEnv } from './serve-parts';

/**
 * The compiled scripts of src/serve/browser, a folder with a configuration of its own, because its
 * code runs in browsers.
 */
const SCRIPTS = ['answers.mjs', 'cell.mjs', 'facets.mjs', 'grid.mjs', 'run.mjs'];

export function addAssets(app: Hono<ServeEnv>): void {
  const folder = builtFile('serve/browser');
  const assets: readonly (readonly [name: string, type: string, content: string])[] = [
    ['style.css', 'text/css; charset=utf-8', STYLE],
    ['icon.svg', 'image/svg+xml', ICON],
    ...SCRIPTS.map(
      (name) =>
        [
          name,
          'text/javascript; charset=utf-8',
          readFileSync(path.join(folder, name), 'utf8'),
        ] as const,
    ),
  ];
  for (const [name, type, content] of assets)
    app.get(`/assets/${name}`, (context) =>
      context.body(content, 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' }),
    );
}
