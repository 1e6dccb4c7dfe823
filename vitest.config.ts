import { defineConfig } from 'vitest/config';

/** Tests that take tfjs's backend for a reference. */
const withTfjs = ['adapters', 'architectures', 'engine', 'losses', 'nn', 'optim', 'use-lite'].map(
  (folder) => `tests/numerics/${folder}/**/*.test.ts`,
);

/** Tests that count what is in memory: with what other files of tests left there, that takes a minute. */
const countingMemory = ['tests/integration/server/idle-subscriptions.test.ts'];

export default defineConfig({
  resolve: {
    // One copy of graphql: type-graphql and the tests must not load its ESM and CommonJS builds side by side.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    projects: [
      // tfjs has one backend for a whole process, which references and the engine each want as their own.
      { extends: true, test: { name: 'numerics', include: withTfjs, isolate: true } },
      // Files that run in one process share what they import, which took a third of the time of all tests.
      {
        extends: true,
        test: {
          name: 'others',
          include: ['tests/**/*.test.ts'],
          exclude: [...withTfjs, ...countingMemory],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'memory', include: countingMemory, isolate: true } },
    ],
    pool: 'forks',
    // Many tests wait for processes that they started: a third worker uses the time of two cores that waiting leaves.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Of vitest's own second too much passes on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/forget-file.ts'],
    server: {
      deps: {
        // Written for a resolver that takes folders for modules, which Node's own does not.
        inline: ['@apollo/server-integration-testsuite'],
      },
    },
  },
});
