import { defineConfig } from 'vitest/config';

/** Whether trainings still give the same bytes: `npm run digests`. */
export default defineConfig({
  test: {
    include: ['tests/digests/**/*.digests.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
