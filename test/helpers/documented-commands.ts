/** The commands that the operator's guide tells people to type. */
import fs from 'node:fs';
import path from 'node:path';

const GUIDE = path.join(__dirname, '../../docs/operating.md');

/** The ```sh blocks below a heading, in order. **Errors** when there are none. */
export function documentedCommands(heading: string): readonly string[] {
  const section = fs
    .readFileSync(GUIDE, 'utf8')
    .split(/^## /m)
    .find((text) => text.startsWith(`${heading}\n`));
  const blocks = [...(section ?? '').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  if (blocks.length === 0) throw new Error(`no commands below "${heading}" in ${GUIDE}`);
  return blocks.map((block) => block ?? '');
}
