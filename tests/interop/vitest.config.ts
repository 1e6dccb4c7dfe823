import { defineConfig } from 'vitest/config';

// ONNX Runtime's Python package reports its use, as its Node package does, unless the environment says not to.
process.env.ORT_DISABLE_TELEMETRY = '1';

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
