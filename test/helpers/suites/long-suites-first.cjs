/**
 * Starts the suites of whole runs first, because a long suite that starts last keeps one worker
 * busy while the others have nothing left to do. A clean checkout has no recorded durations to sort
 * by.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const LONG = /[\\/]test[\\/](run|maintenance)[\\/]/;

module.exports = class LongSuitesFirst extends Sequencer {
  /** @param {import('jest-runner').Test[]} tests */
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
