/**
 * Loaded into a process (--require): one call of one function of `fs` does what it is asked for, and then reports that it failed,
 * as a disk or a network file system may. DONE_BUT_FAILED: `<function> <nth> <part of the path>`.
 */
'use strict';
const fs = require('node:fs');

const [name, nth, part] = (process.env.DONE_BUT_FAILED ?? '').split(' ');
const paths = new Map();
let calls = 0;

const { openSync } = fs;
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  paths.set(descriptor, String(path));
  return descriptor;
};
const real = fs[name];
fs[name] = (target, ...rest) => {
  const result = real(target, ...rest);
  const places = [paths.get(target) ?? String(target), ...rest.map(String)];
  if (places.some((place) => place.includes(part))) calls += 1;
  else return result;
  if (calls !== Number(nth)) return result;
  throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO', syscall: name });
};
