#!/usr/bin/env node
// The command `attune`, as npm links it: what was built, or a sentence that says that nothing was.
const built = new URL('../../dist/clients/command-line/main.js', import.meta.url);

try {
  await import(built.href);
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(
    'The command line is not built, or its packages are missing. Run npm ci and npm run build there first.',
  );
  process.exitCode = 1;
}
