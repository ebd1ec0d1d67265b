/**
 * Writes a warehouse until it is killed. Arguments: data root, seed. Starts on the first message,
 * and sends a message before and after each operation. Only an operation whose end was sent counts
 * as acknowledged.
 */
const fs = require('node:fs');
const path = require('node:path');
const { createLogger } = require('../../dist/log.js');
const { createWarehouse } = require('../../dist/warehouse/warehouse.js');

const [, , dataRoot, seed] = process.argv;
const database = { driver: 'node-api', memory: '500MB', threads: 2 };
const log = createLogger({ level: 'silent', pretty: false });
const warehouse = createWarehouse({ dataRoot, database, log });
const folder = path.join(dataRoot, 'runs/r1/ledger/l000001');

/** A pseudo-random number below `below`, by mulberry32 (public domain). */
let state = Number(seed);
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

const { images, lines } = JSON.parse(fs.readFileSync(path.join(dataRoot, 'given.json'), 'utf8'));

/** Appends lines to some of five ledgers. */
function grow() {
  for (let ledger = 1 + random(5); ledger <= 5; ledger += 1 + random(3)) {
    const text = Array.from({ length: 1 + random(100) }, () => {
      const line = { ...lines[random(lines.length)], execution: `e${ledger}` };
      return JSON.stringify({ ...line, id: `i${random(images)}`, dispatch: 1 + random(9) });
    });
    fs.appendFileSync(path.join(folder, `e${ledger}.ndjson`), `${text.join('\n')}\n`);
  }
}

/** Sizes of the ledgers up to their last whole line: a kill during an append leaves a torn line. */
function sizes() {
  const whole = (name) => fs.readFileSync(path.join(folder, name)).lastIndexOf('\n') + 1;
  const names = fs.readdirSync(folder);
  return Object.fromEntries(names.map((name) => [`runs/r1/ledger/l000001/${name}`, whole(name)]));
}

async function once() {
  const kind = ['commit', 'commit', 'commit', 'publish', 'merge'][random(5)];
  const catalog = 1 + random(2);
  if (kind === 'commit') grow();
  const bytes = sizes();
  process.send({ begins: kind });
  if (kind === 'commit')
    await warehouse.commitLedgers({ warehouseId: 'w', runId: random(2) ? 'r1' : null });
  if (kind === 'publish')
    await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: false });
  if (kind === 'merge') {
    const input = JSON.parse(fs.readFileSync(path.join(dataRoot, `merge${catalog}.json`), 'utf8'));
    await warehouse.mergeCatalog(input);
  }
  process.send({ done: kind, bytes: kind === 'commit' ? bytes : {}, catalog });
}

process.once('message', () => {
  void (async () => {
    for (;;) await once();
  })();
});
