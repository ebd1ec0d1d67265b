/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  // `import('./x.js')` in a TypeScript file names what will be compiled.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/helpers/suites/before-all-suites.ts',
  globalTeardown: '<rootDir>/test/helpers/suites/after-all-suites.ts',
  // A test that hangs ends by it; how quick a machine is, it does not judge.
  testTimeout: 180_000,
  testSequencer: '<rootDir>/test/helpers/suites/long-suites-first.cjs',
  // Tests of whole runs wait for most of their time: one more than there are cores to plan for. With
  // five on two cores the suites took as long (1,160 s, 1,900 s of CPU), and some ran out of time.
  maxWorkers: 3,
};
