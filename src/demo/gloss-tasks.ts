import Table from 'cli-table3';
import { sha256Hex } from '../protocol/sha256-hex.js';
import type { GraphQLClient } from './graphql-client.js';
import { createExperiment, ensureDataset, evaluateExperiment, findBaseModel } from './operations.js';
import { createProgressDisplay } from './watch.js';
import { type Gloss, readGlosses } from './wordnet-glosses.js';

const sampleSize = 8_000;
const sampleSeed = 42;
const tasks = [
  { name: 'supersense', labelColumn: 'supersense' },
  { name: 'partOfSpeech', labelColumn: 'partOfSpeech' },
] as const;

/** Compares one encoder for two tasks with an encoder for each task, on the same glosses. */
export async function demonstrateGlossTasks(client: GraphQLClient, seed: number, print: (line: string) => void) {
  const baseModel = await findBaseModel(client, 'use-lite');
  const dataset = await ensureDataset(client, {
    name: 'wordnet-glosses',
    description: 'A seeded sample of WordNet 3.1 glosses with their supersense and part of speech.',
    stratifyBy: 'supersense',
    rows: async () => sample(await readGlosses()),
  });
  const splits = dataset.splits.map((split) => `${split.name} ${split.exampleCount}`).join(', ');
  print(
    `Dataset      wordnet-glosses: ${dataset.exampleCount} glosses (${splits})${dataset.reused ? ', already there' : ''}\n`,
  );

  const common = {
    baseModelId: baseModel.id,
    datasetVersionId: dataset.id,
    hyperparameters: { maxLength: 32, epochs: 2, learningRate: 3e-4, seed },
  };
  const shared = await createExperiment(client, {
    ...common,
    name: 'both tasks',
    method: { multiTask: { textColumn: 'text', tasks, lossWeighting: 'UNCERTAINTY' } },
  });
  const single: { id: string; name: string }[] = [];
  for (const { name, labelColumn } of tasks) {
    single.push(
      await createExperiment(client, { ...common, name, method: { supervised: { textColumn: 'text', labelColumn } } }),
    );
  }

  const display = createProgressDisplay();
  try {
    await Promise.all([shared, ...single].map((experiment) => display.follow(client, experiment)));
  } finally {
    display.close();
  }

  const test = { datasetVersionId: dataset.id, split: 'test', textColumn: 'text' };
  const sharedScores = await evaluateExperiment(client, {
    ...test,
    experimentId: shared.id,
    tasks: tasks.map(({ name, labelColumn }) => ({ task: name, labelColumn })),
  });
  const table = new Table({
    head: ['task', 'model', 'accuracy', 'loss', 'F1 (macro)'],
    style: { head: [], border: [] },
  });
  for (const [index, { name, labelColumn }] of tasks.entries()) {
    const alone = await evaluateExperiment(client, {
      ...test,
      experimentId: single[index]!.id,
      tasks: [{ task: labelColumn, labelColumn }],
    });
    const together = sharedScores.tasks.find((scores) => scores.task === name)!;
    for (const [model, scores] of [
      ['one encoder for both', together],
      ['an encoder of its own', alone.tasks[0]!],
    ] as const) {
      table.push([
        name,
        model,
        `${(100 * scores.accuracy).toFixed(2)} %`,
        scores.loss.toFixed(4),
        `${(100 * scores.macro.f1).toFixed(2)} %`,
      ]);
    }
  }
  print(`\nOn ${sharedScores.tasks[0]!.exampleCount} glosses that none has seen:\n`);
  print(table.toString());
  return { experimentId: shared.id };
}

/** The first `sampleSize` glosses in the order of a hash of (seed, text), which is the same on every machine. */
function sample(glosses: readonly Gloss[]): Gloss[] {
  const rank = (gloss: Gloss) => sha256Hex(`${sampleSeed}\n${gloss.supersense}\n${gloss.text}`);
  return glosses
    .map((gloss) => ({ gloss, rank: rank(gloss) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, sampleSize)
    .map(({ gloss }) => gloss);
}
