/**
 * The rooms of each house, top first: folders, and files that stand beside them. A file may import from its own room
 * and from those further down, types included; of what lies outside of the house, from `shared` alone.
 * `npm run layout:check` holds it.
 */
export const houses = [
  {
    // What is not the platform, and knows its graph alone.
    folder: 'clients',
    shared: [],
    rooms: ['command-line', 'typescript'],
  },
  {
    folder: 'src',
    // The demo is on the client.
    shared: ['migrations', 'clients/typescript'],
    rooms: [
      // The composition root, and a client of the API.
      'main.ts',
      'demo',
      'platform.ts',
      'env.ts',
      // The only room that knows all slices.
      'app',
      // The slices.
      'webhooks',
      'activity',
      'deletion',
      'recommendations',
      'loops',
      'feedback',
      'experiments',
      'scored-samples',
      'generations',
      'rewards',
      'batch-predictions',
      'dataset-exports',
      'evaluations',
      'transfers',
      'datasets',
      'models',
      'workers',
      'people',
      'projects',
      // The texts that people write about objects of several slices.
      'organizing',
      // What every slice stands on, and no slice is known to.
      'server',
      'access',
      'graphql',
      'events',
      'jobs',
      'database',
      'storage',
      // Rules that score what a model wrote.
      'reward-rules',
      // What both sides check of files, columns and recipes.
      'preparation',
      // Calls to where users say.
      'outbound',
      // What those who run a process see of it.
      'observability',
      'problems',
      'conversations',
      'tokenizer',
      // What can be said of people's answers, on both sides.
      'statistics',
      'protocol',
    ],
  },
  {
    folder: 'gpu-worker',
    shared: [
      'src/protocol',
      'src/storage',
      'src/reward-rules',
      'src/outbound',
      'src/observability',
      'src/preparation',
      'src/problems',
      'src/tokenizer',
      'src/conversations',
      'src/statistics',
    ],
    rooms: [
      'main.ts',
      'worker.ts',
      'env.ts',
      'lanes',
      'telemetry',
      'queue',
      // What those who run the worker see of it.
      'observability',
      // One thread a lane.
      'training-jobs',
      'batch-jobs',
      'short-jobs',
      'data-jobs',
      'transfer-jobs',
      // Whether what goes out computes what was trained.
      'certificate',
      // Rows of files into versions of datasets.
      'preparation',
      // Learning.
      'recipes',
      'training',
      'hugging-face',
      // What a model in training writes, to be rewarded.
      'rollouts',
      'rewards',
      'generation',
      'forward',
      'models',
      'adapters',
      'heads',
      'architectures',
      'metrics',
      'data',
      'losses',
      'nn',
      // What a thread and its lane say to one another.
      'stop-wishes.ts',
      'run-stopped.ts',
      'thread-port.ts',
      'stop-flag.ts',
      'thread-protocol.ts',
      'problem-error.ts',
      'log.ts',
      // The compiler.
      'engine',
      'optim',
      'portable-math.ts',
    ],
  },
];
