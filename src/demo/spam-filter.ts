import type { GraphQLClient } from './graphql-client.js';
import { createExperiment, ensureDataset, evaluateExperiment, findBaseModel, predict } from './operations.js';
import { readSpamEmails } from './spam-emails.js';
import { confusionTable, scoresTable } from './tables.js';
import { createProgressDisplay } from './watch.js';

const messages = [
  'Congratulations! You have been selected to receive a free prize. Click here to claim your money now!!!',
  'Re: patch for the mailing list archive\nThanks, this applies cleanly on top of CVS. I will commit it tonight.',
  'Lose weight fast with our all natural pills. No prescription required, order today and save 80%',
];

/** Compares the base model under a linear probe with the same model fine-tuned, on an untouched test split. */
export async function demonstrateSpamFilter(client: GraphQLClient, seed: number, print: (line: string) => void) {
  const baseModel = await findBaseModel(client, 'use-lite');
  print(
    `Base model   use-lite: Universal Sentence Encoder Lite, ${baseModel.parameterCount.toLocaleString('en')} parameters`,
  );

  const dataset = await ensureDataset(client, {
    name: 'spam-assassin',
    description: 'E-mails of the SpamAssassin public corpus: subject and body, ham or spam.',
    stratifyBy: 'label',
    rows: readSpamEmails,
  });
  const splits = dataset.splits.map((split) => `${split.name} ${split.exampleCount}`).join(', ');
  print(
    `Dataset      spam-assassin: ${dataset.exampleCount} e-mails (${splits}; ${dataset.rejectedCount} rejected)${dataset.reused ? ', already there' : ''}`,
  );
  print('');

  const common = { baseModelId: baseModel.id, datasetVersionId: dataset.id };
  const supervised = { textColumn: 'text', labelColumn: 'label' };
  const probe = await createExperiment(client, {
    ...common,
    name: 'linear probe',
    method: { supervised },
    hyperparameters: { freeze: { kind: 'ENCODER' }, maxLength: 64, epochs: 20, learningRate: 0.01, seed },
  });
  const tuned = await createExperiment(client, {
    ...common,
    name: 'fine-tuned',
    method: { supervised },
    hyperparameters: { maxLength: 64, epochs: 1, batchSize: 16, learningRate: 5e-4, seed },
  });

  const display = createProgressDisplay();
  try {
    await Promise.all([display.follow(client, probe), display.follow(client, tuned)]);
  } finally {
    display.close();
  }

  const test = {
    datasetVersionId: dataset.id,
    split: 'test',
    textColumn: 'text',
    tasks: [{ task: 'label', labelColumn: 'label' }],
  };
  const probeResult = await evaluateExperiment(client, { ...test, experimentId: probe.id });
  const tunedResult = await evaluateExperiment(client, { ...test, experimentId: tuned.id });
  const models = [
    { name: 'base + linear probe', scores: probeResult.tasks[0]! },
    { name: 'fine-tuned', scores: tunedResult.tasks[0]! },
  ];
  print(`\nOn ${models[0]!.scores.exampleCount} e-mails that neither has seen:\n`);
  print(scoresTable(models));
  for (const model of models) print(confusionTable(model));

  print('\nThe fine-tuned model on three messages:\n');
  const predictions = await predict(client, tunedResult.modelId, messages);
  predictions.forEach((prediction, index) => {
    const best = prediction.tasks[0]!.labels[0]!;
    print(
      `  ${best.label.padEnd(4)} ${(100 * best.probability).toFixed(1).padStart(5)} %  ${messages[index]!.split('\n')[0]!.slice(0, 80)}`,
    );
  });
  return { experimentId: tuned.id };
}
