/** The activities of the test helper are those that workers register. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { ACTIVITY_FACTORIES } from '../helpers/runs/activity-types';

const WORKERS = path.join(__dirname, '../../src/workers');

it('the list of activity types has the activities of every kind of worker', () => {
  const search = ['-rhoE', '\\bactivities: .*', WORKERS];
  const registered = execFileSync('grep', search, { encoding: 'utf8' }).trim().split('\n');
  const factories = registered.map((text) => /: (\w+)\(/.exec(text)?.[1]);
  const known = Object.values(ACTIVITY_FACTORIES).map((factory) => factory.name);
  expect([...factories].sort()).toEqual([...known].sort());
});
