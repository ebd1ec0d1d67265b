/**
 * Loaded into a process (--require). One call of one function of `fs` does its work and then
 * reports a failure, as a disk or a network file system may. DONE_BUT_FAILED is `<function> <nth>
 * <part of the path>`. The synchronous and the asynchronous function count together.
 */
'use strict';
const fs = require('node:fs');

const [name, nth, part] = (process.env.DONE_BUT_FAILED ?? '').split(' ');
const paths = new Map();
let calls = 0;

const { open, openSync } = fs;
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  paths.set(descriptor, String(path));
  return descriptor;
};
fs.open = (path, ...rest) => {
  const done = rest.pop();
  open(path, ...rest, (error, descriptor) => {
    if (error === null) paths.set(descriptor, String(path));
    done(error, descriptor);
  });
};

/** True for the call that is to fail. */
function isItsTurn(target, rest) {
  const places = [paths.get(target) ?? String(target), ...rest.map(String)];
  if (!places.some((place) => place.includes(part))) return false;
  calls += 1;
  return calls === Number(nth);
}

const failure = () =>
  Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO', syscall: name });
if (name !== '') failOnce(name);

function failOnce(asynchronous) {
  const synchronous = `${asynchronous}Sync`;
  const { [asynchronous]: call, [synchronous]: callSync } = fs;
  fs[synchronous] = (target, ...rest) => {
    const result = callSync(target, ...rest);
    if (isItsTurn(target, rest)) throw failure();
    return result;
  };
  fs[asynchronous] = (target, ...rest) => {
    const done = rest.pop();
    call(target, ...rest, (error, ...results) => {
      done(error ?? (isItsTurn(target, rest) ? failure() : null), ...results);
    });
  };
}
