/**
 * `npm run unused:check`, in two readings of the code. The first is of everything: a name that no other file imports is
 * not exported, and a file that nothing imports is deleted. The second is of the product alone (`--production`, the
 * patterns that end in `!`): what only tests use leaves it. There, a name may be exported for its test if its own file
 * uses it.
 */
export default {
  include: ['files', 'exports', 'types', 'nsExports', 'nsTypes', 'duplicates', 'enumMembers'],
  ignoreExportsUsedInFile: process.argv.includes('--production'),
  entry: [
    'src/main.ts!',
    'src/demo/main.ts!',
    'src/demo/train-gloss-lm.ts!',
    'src/app/print-schema.ts!',
    'gpu-worker/main.ts!',
    // What others import, and the command.
    'clients/typescript/{index,node}.ts!',
    'clients/command-line/{attune.mjs,main.ts}!',
    // Started by their paths: a thread for each lane, the sides of benches.
    'gpu-worker/*/thread.ts!',
    'src/feedback/results/statistics-thread.ts!',
    'bench/*/{main,attune}.ts',
    'bench/api/{load/client,live/writer,live/subscribers,peers/hand-written,peers/graphql-ws,peers/apollo/server}.ts',
    'scripts/*.mjs',
    // For rankings by people of unequal care, which the graph is to offer.
    'src/statistics/ranking/crowd-bt.ts!',
    'tests/*/global-setup.ts',
    'tests/support/forget-file.ts',
    'tests/**/*.mjs',
  ],
  project: ['{src,gpu-worker,migrations,clients}/**/*.ts!', '{bench,tests}/**/*.ts', 'scripts/**/*.mjs'],
  // AssemblyScript: its exports are those of the WebAssembly.
  ignore: ['gpu-worker/engine/kernels/**', 'clients/*/generated/**'],
  vitest: { config: ['vitest.config.ts', 'tests/*/vitest.config.ts'] },
};
