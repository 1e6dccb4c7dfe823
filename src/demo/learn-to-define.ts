import { wordCount } from './definition-judge.js';
import { readWords, wordSizes } from './definition-words.js';
import { divergenceOf } from './divergence.js';
import { datasetOfAnswers } from './feedback-operations.js';
import type { GraphQLClient } from './graphql-client.js';
import { compareModels, compareSamples, compareWays, type Written, writing } from './judged-definitions.js';
import { createExperiment, ensureDataset, evaluateTokens, findBaseModel, findTrainedModel } from './operations.js';
import { type PolicyRow, policiesTable } from './policies-table.js';
import { evidenceOf } from './reward-evidence.js';
import { type ScoredPrompt, scoreSamples } from './scored-samples.js';
import { createAnnotators, removeAnnotators } from './scripted-annotators.js';
import { createProgressDisplay } from './watch.js';

/** How often each of three judges prefers what the rule does not. */
const errorRate = 0.1;
const judgeCount = 3;

/** Definitions of each word that the divergence of a policy is measured on. */
const samplesForKl = 4;

/** Words whose definitions judges compare, two each; and answers of which the best is taken. */
const [comparisons, bestOf] = [600, 8] as const;

/**
 * Teaches `gloss-lm` to write definitions, then to write those that judges prefer, in three ways from the same start:
 * the best of several by a reward model, DPO on the judged pairs, and GRPO against the reward model.
 */
export async function demonstrateLearningToDefine(client: GraphQLClient, seed: number, print: (line: string) => void) {
  const began = new Date().toISOString();
  const baseModel = await findBaseModel(client, 'gloss-lm');
  const words = await ensureDataset(client, {
    name: 'wordnet-words',
    description: 'Words of WordNet 3.1 with their definitions, and words to write definitions of.',
    splitColumn: 'split',
    rows: readWords,
  });
  print(`Base model   gloss-lm: a Llama of ${baseModel.parameterCount.toLocaleString('en')} parameters`);
  print(
    `Dataset      wordnet-words: ${wordSizes.train} definitions to learn, ${wordSizes.prompts} words to judge, ${wordSizes.test} to test`,
  );
  print('Rule         the shorter definition of three words or more, unless it contains the word that it defines');
  print(`Judges       ${judgeCount} scripted ones, who say the opposite in ${100 * errorRate} % of their answers\n`);

  const judges = await createAnnotators(client, [
    ...Array.from({ length: judgeCount }, (_, i) => ({ name: `judge ${i + 1}, ${began}`, errorRate, seed: `${i}` })),
    { name: `the rule itself, ${began}`, errorRate: 0, seed: 'rule' },
  ]);
  const [erring, rule] = [judges.slice(0, judgeCount), judges.at(-1)!];
  const train = async (name: string, input: Record<string, unknown>) => {
    const experiment = await createExperiment(client, { ...input, name: `${name}, ${began}` });
    const display = createProgressDisplay();
    try {
      await display.follow(client, { ...experiment, name });
    } finally {
      display.close();
    }
    const model = await findTrainedModel(client, experiment.id);
    return { experimentId: experiment.id, modelId: model.id };
  };
  try {
    const start = await train('definitions', {
      baseModelId: baseModel.id,
      datasetVersionId: words.id,
      method: {
        instructionTuning: {
          conversation: { promptCompletion: { promptColumn: 'prompt', completionColumn: 'completion' } },
        },
      },
      hyperparameters: { maxLength: 64, epochs: 1, batchSize: 4, learningRate: 5e-4, seed },
    });

    const prompts = { datasetVersionId: words.id, split: 'prompts', most: comparisons };
    const judged = await compareSamples(client, erring, {
      ...prompts,
      name: `definitions, ${began}`,
      modelId: start.modelId,
      seed,
    });
    const pairs = await datasetOfAnswers(client, {
      name: `definitions, preferred, ${began}`,
      taskIds: [judged.id],
      policy: { majority: {} },
      fractions: [
        { name: 'train', fraction: 0.75 },
        { name: 'validation', fraction: 0.25 },
      ],
    });
    print(`\nJudges compared ${judged.answers} pairs; ${pairs.exampleCount} have a better one.\n`);

    const fromStart = { baseModelId: start.modelId, datasetVersionId: pairs.id };
    const reward = await train('reward model', {
      ...fromStart,
      method: { rewardModelling: {} },
      hyperparameters: { maxLength: 64, learningRate: 5e-4, seed },
    });
    const dpo = await train('DPO', {
      ...fromStart,
      method: { preferenceOptimization: {} },
      hyperparameters: { maxLength: 64, learningRate: 2e-4, seed },
    });
    const rewards = [{ name: 'judges', by: { rewardModel: { modelId: reward.modelId } } }];
    const grpo = await train('GRPO', {
      baseModelId: start.modelId,
      datasetVersionId: words.id,
      trainSplit: 'prompts',
      method: { policyOptimization: { promptColumn: 'prompt', rewards, samples: 8, maxTokens: 40 } },
      hyperparameters: { maxLength: 64, batchSize: 8, epochs: 1, seed },
    });

    const test = { datasetVersionId: words.id, split: 'test', most: wordSizes.test, seed: seed + 1 };
    const scoredBy = (modelId: string, samples: number, from = test.seed) =>
      scoreSamples(client, { ...test, modelId, promptColumn: 'prompt', samples, rewards, ...writing, seed: from });
    const { prompts: scored } = await scoredBy(start.modelId, bestOf);
    // Drawn by itself: the best of several is often equal to one of these.
    const { prompts: alone } = await scoredBy(start.modelId, 1, test.seed + 1);
    const usual = new Map(alone.map(({ prompt, samples }) => [prompt, samples[0]!.text]));
    const way = `best of ${bestOf}`;
    const chosen = await compareWays(client, rule, {
      name: `${way}, ${began}`,
      way,
      pairs: scored.map(({ prompt, samples }) => ({
        prompt,
        modelId: start.modelId,
        chosen: samples[0]!.text,
        other: usual.get(prompt)!,
      })),
    });
    const against = async (name: string, { modelId }: { modelId: string }): Promise<Written> =>
      compareModels(client, rule, { ...test, name: `${name}, ${began}`, modelId, againstId: start.modelId });
    const perplexityOf = async ({ modelId }: { modelId: string }) =>
      (await evaluateTokens(client, { modelId, datasetVersionId: words.id, split: 'test' })).perplexity;
    const klOf = async (name: string, { modelId }: { modelId: string }) =>
      divergenceOf(client, {
        name: `${name}, written, ${began}`,
        samplesId: (await scoredBy(modelId, samplesForKl)).id,
        modelId,
        startId: start.modelId,
      });
    const rowOf = async (name: string, policy: { modelId: string }): Promise<PolicyRow> => ({
      name,
      ...(await against(name, policy)),
      kl: await klOf(name, policy),
      perplexity: await perplexityOf(policy),
    });

    const perplexity = await perplexityOf(start);
    const startRow = { name: 'start', winRate: null, kl: 0, perplexity };
    const rows: PolicyRow[] = [
      { ...startRow, words: wordsOf(scored) },
      { name: way, ...chosen, kl: Math.log(bestOf) - (bestOf - 1) / bestOf, isBound: true, perplexity },
      await rowOf('DPO', dpo),
      await rowOf('GRPO', grpo),
    ];
    const evidence = await evidenceOf(client, reward.modelId);
    if (evidence !== null) {
      const [share, low, high] = [evidence.right / evidence.pairs, evidence.low, evidence.high].map((each) =>
        (100 * each).toFixed(1),
      );
      print(
        `\nThe reward model tells the better one of ${share} % of ${evidence.pairs} held-out pairs (${low} to ${high} %),`,
      );
      print(`whose judges err in ${100 * errorRate} %.`);
    }
    print(`\n${wordSizes.test} words that nobody saw, judged by the rule itself, each against the start:\n`);
    print(policiesTable(rows));
    return { experimentId: grpo.experimentId };
  } finally {
    await removeAnnotators(client, judges);
  }
}

/** Words of the first definition that was drawn of each word, as a mean. */
function wordsOf(scored: readonly ScoredPrompt[]): number {
  const texts = scored.map(({ samples }) => samples.find(({ sample }) => sample === 0)!.text);
  return texts.reduce((sum, text) => sum + wordCount(text), 0) / texts.length;
}
