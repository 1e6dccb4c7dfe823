import Table from 'cli-table3';
import { otherWords, promptFor, readDefinitions } from './definitions.js';
import { type GenerationSpeed, generate } from './generated-texts.js';
import type { GraphQLClient } from './graphql-client.js';
import {
  createExperiment,
  ensureDataset,
  evaluateTokens,
  findBaseModel,
  findTrainedModel,
  type ScoredTokens,
} from './operations.js';
import { createProgressDisplay } from './watch.js';

/** Nearly the likeliest words, and none twice in a row. */
const cautious = { temperature: 0.3, repetitionPenalty: 1.1, seed: 1 };

/** Nouns of the test split. */
const words = ['jogger', 'egret', 'hailstorm'] as const;

/** Teaches `gloss-lm` to write the definition of a word, and says what its definitions are worth. */
export async function demonstrateDefinitions(client: GraphQLClient, seed: number, print: (line: string) => void) {
  const baseModel = await findBaseModel(client, 'gloss-lm');
  print(`Base model   gloss-lm: a Llama of ${baseModel.parameterCount.toLocaleString('en')} parameters`);
  const dataset = await ensureDataset(client, {
    name: 'wordnet-definitions',
    description: 'Words of WordNet 3.1 with their definitions.',
    splitColumn: 'split',
    rows: readDefinitions,
  });
  const splits = dataset.splits.map((split) => `${split.name} ${split.exampleCount}`).join(', ');
  print(
    `Dataset      wordnet-definitions: ${dataset.exampleCount} definitions (${splits})${dataset.reused ? ', already there' : ''}\n`,
  );

  const experiment = await createExperiment(client, {
    baseModelId: baseModel.id,
    datasetVersionId: dataset.id,
    name: 'definitions',
    method: {
      instructionTuning: {
        conversation: { promptCompletion: { promptColumn: 'prompt', completionColumn: 'completion' } },
      },
    },
    hyperparameters: { maxLength: 64, epochs: 1, batchSize: 4, learningRate: 5e-4, seed },
  });
  const display = createProgressDisplay();
  try {
    await display.follow(client, experiment);
  } finally {
    display.close();
  }

  const model = await findTrainedModel(client, experiment.id);
  const scored = { modelId: model.id, datasetVersionId: dataset.id };
  const own = await evaluateTokens(client, { ...scored, split: 'test' });
  const others = await evaluateTokens(client, { ...scored, split: otherWords });
  print(`\nOn ${own.exampleCount} definitions that neither model has seen:\n`);
  print(scoresTable(own, others));
  print('\nIt defines three of their words, a token at a time:\n');
  const untouched = (await readDefinitions()).filter(({ split }) => split === 'test');
  const trueDefinitions = new Map(untouched.map(({ prompt, completion }) => [prompt, completion.trim()]));
  let speed: GenerationSpeed | null = null;
  for (const word of words) {
    const prompt = promptFor(word, 'noun');
    const written: string[] = [];
    speed = await generate(
      client,
      { modelId: model.id, prompt, maxTokens: 40, stop: ['\n'], sampling: cautious },
      (text) => {
        written.push(text);
        if (process.stdout.isTTY) process.stdout.write(written.length === 1 ? `  ${word.padEnd(10)}${text}` : text);
      },
    );
    if (process.stdout.isTTY) process.stdout.write('\n');
    else print(`  ${word.padEnd(10)}${written.join('')}`);
    print(`  ${'WordNet:'.padEnd(10)} ${trueDefinitions.get(prompt)}\n`);
  }
  if (speed?.firstTokenMs && speed.tokensPerSecond) {
    print(
      `First token after ${speed.firstTokenMs.toFixed(0)} ms, then ${speed.tokensPerSecond.toFixed(0)} tokens a second.`,
    );
  }
  print(worth(own, others));
  return { experimentId: experiment.id };
}

/** What the definitions are worth, by the figures alone. */
function worth(own: ScoredTokens, others: ScoredTokens): string {
  const guessed = (100 * own.tokenAccuracy).toFixed(0);
  const gain = Math.log2(others.perplexity / own.perplexity).toFixed(2);
  return [
    '',
    `What they are worth: the model has learned how a definition sounds (perplexity ${own.baseline.perplexity.toFixed(0)} before,`,
    `${own.perplexity.toFixed(0)} after), and little of what words mean: the right word in place of another one tells it ${gain} bits`,
    `a token, and it guesses ${guessed} of 100 tokens. Do not look words up with it. It has 3.6 million parameters; the way`,
    'is the same for a model of a hundred times the size.',
  ].join('\n');
}

/** @param others of the same definitions after words of others */
function scoresTable(own: ScoredTokens, others: ScoredTokens): string {
  const table = new Table({
    head: ['model', 'perplexity', 'next token right', 'perplexity after another word'],
    style: { head: [], border: [] },
  });
  const row = (name: string, of: (scores: ScoredTokens) => ScoredTokens['baseline']) =>
    table.push([
      name,
      of(own).perplexity.toFixed(1),
      `${(100 * of(own).tokenAccuracy).toFixed(1)} %`,
      of(others).perplexity.toFixed(1),
    ]);
  row('gloss-lm', ({ baseline }) => baseline);
  row('fine-tuned', (scores) => scores);
  return table.toString();
}
