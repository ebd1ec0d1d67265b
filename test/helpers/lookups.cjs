/** Names that no resolver of a test machine knows: LOOKUPS says what each look-up of one answers, the last one for ever. */
'use strict';
const dns = require('node:dns');

/** {name: [answer, …]}; an answer is a list of addresses or an error's code, null: none ever comes. */
const known = JSON.parse(process.env.LOOKUPS ?? '{}');
const real = dns.lookup;

dns.lookup = (name, options, callback) => {
  const answers = known[name];
  if (answers === undefined) return real(name, options, callback);
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  if (answer === null) return undefined;
  if (typeof answer === 'string') {
    const error = Object.assign(new Error(`getaddrinfo ${answer} ${name}`), { code: answer });
    return process.nextTick(callback, error);
  }
  const found = answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return process.nextTick(callback, null, found);
};
