'use strict';
/** Asks a Temporal server that does not answer yet, through a watch that was started before. */
const { Client } = require('@temporalio/client');
const { lazyConnection } = require('../../dist/server/connection.js');
const { plainSettings } = require('../../dist/server/configured-connection.js');
const { StandstillWatch } = require('../../dist/server/standstill.js');

const watch = new StandstillWatch();

process.on('message', async (address) => {
  const client = new Client({ connection: lazyConnection(plainSettings(address)) });
  const ask = () => {
    process.send('asked');
    return client.withDeadline(Date.now() + 500, () => client.workflowService.getSystemInfo({}));
  };
  const outcome = await watch.ask(ask).then(
    () => 'answered',
    () => 'given up',
  );
  process.send(outcome, () => process.exit());
});
process.send('ready');
