/** docs/decisions/README.md has every record once, with its title. */
import fs from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(__dirname, '../../docs/decisions');
const index = fs.readFileSync(path.join(FOLDER, 'README.md'), 'utf8');
const listed = [...index.matchAll(/^- \[(\d{4})\]\((\S+\.md)\) (.+)$/gm)];
const records = fs.readdirSync(FOLDER).filter((name) => name !== 'README.md');

describe('the list of decisions', () => {
  it('has every record once', () => {
    expect(listed.map(([, , file = '']) => file).sort()).toEqual([...records].sort());
  });

  it.each(records)('has %s under its number, with its title', (name) => {
    const [heading = ''] = fs.readFileSync(path.join(FOLDER, name), 'utf8').split('\n');
    const [, number = '', title = ''] = /^# (\d+)\. (.+)$/.exec(heading) ?? [];
    const entry = listed.find(([, , file]) => file === name);
    expect(name.startsWith(number.padStart(4, '0'))).toBe(true);
    expect(entry?.[1]).toBe(number.padStart(4, '0'));
    expect(entry?.[3]?.startsWith(title)).toBe(true);
  });
});
