import { defineConfig } from 'vitest/config';

/** Checks against Python: `npm run test:interop`. One after the other, as each wants all processors. */
export default defineConfig({
  test: {
    include: ['tests/interop/**/*.interop.ts'],
    globalSetup: ['tests/interop/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
  },
});
