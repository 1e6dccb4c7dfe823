import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { ChatSources } from '../models/chat-sources.js';
import type { Tokenizers } from '../models/tokenizers.js';
import { ProblemsError } from '../problems/problem.js';
import { byMethod, type RunSpec, textColumnsOf } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { PlannedConversations, SampleEncoding, TokenCounts } from './experiment-plan.js';
import { checkLearnable, isNothingLearnable, sampleConversations } from './sample-conversations.js';
import { checkPreferences, samplePreferences } from './sample-preferences.js';
import { sampleTokens } from './sample-tokens.js';

/** Enough examples to know the share of truncated texts to within some percent. */
const sampledExamples = 256;

interface Parts {
  readonly examples: Pick<ExampleReader, 'sampleTexts'>;
  readonly tokenizers: Tokenizers;
  readonly chatSources: ChatSources;
}

type Model = Pick<ModelManifest, 'files' | 'contextLength' | 'tokenizer' | 'config'>;

const rewardPath = ['method', 'rewardModelling', 'preference'];
const preferencePath = ['method', 'preferenceOptimization', 'preference'];

/** What a sample of the training split says of how the model reads it. */
export interface SampledReading {
  readonly counts: TokenCounts;
  /** Tokens of each sampled example, before truncation. */
  readonly lengths: readonly number[];
  readonly example: SampleEncoding | null;
  readonly conversations: PlannedConversations | null;
}

/** Reads a sample of the training split as the model would: texts, or conversations. Throws ProblemsError. */
export async function sampleReading(spec: RunSpec, manifest: Model, parts: Parts): Promise<SampledReading> {
  const tokenizer = await parts.tokenizers.get(manifest.tokenizer.digest);
  const { maxLength, truncationSide } = spec.hyperparameters;
  const { contextLength } = manifest;
  const ofTexts = async (areDivided: boolean): Promise<SampledReading> => {
    const { datasetDigest: digest, trainSplit: split } = spec;
    const textColumns = textColumnsOf(spec);
    const sample = await parts.examples.sampleTexts({ digest, split, textColumns, limit: sampledExamples });
    const read = await sampleTokens(sample, tokenizer, { maxLength, contextLength, truncationSide, areDivided });
    return { ...read, conversations: null };
  };
  return byMethod<Promise<SampledReading>>(spec, {
    supervised: () => ofTexts(false),
    multiTask: () => ofTexts(false),
    languageModelling: () => ofTexts(true),
    policyOptimization: () => ofTexts(false),
    // A plan has no place that shows faulty rows of judged answers: it says what `createExperiment` would say.
    async rewardModelling(rewards) {
      const read = await samplePreferences(rewards, manifest, tokenizer, parts);
      const problems = checkPreferences(rewards, read, rewardPath);
      if (problems.length > 0) throw new ProblemsError(problems);
      return { counts: read.counts, lengths: read.lengths, conversations: null, example: null };
    },
    async preferenceOptimization(preferences) {
      const read = await samplePreferences(preferences, manifest, tokenizer, parts);
      const problems = checkPreferences(preferences, read, preferencePath);
      if (problems.length > 0) throw new ProblemsError(problems);
      return { counts: read.counts, lengths: read.lengths, conversations: null, example: null };
    },
    async instructionTuning(instructions) {
      const read = await sampleConversations(instructions, manifest, tokenizer, parts);
      // Some of the rows are for a person to see in the plan; where they are all, there is nothing to plan.
      const problems = isNothingLearnable(read.conversations) ? checkLearnable(instructions, read) : [];
      if (problems.length > 0) throw new ProblemsError(problems);
      const { counts, lengths, conversations } = read;
      return { counts, lengths, conversations, example: null };
    },
  });
}

/** Refuses rows that can not be learned, as far as a sample shows them. Throws ProblemsError. */
export function checkSampledRows(spec: RunSpec, manifest: Model, parts: Parts): Promise<void> {
  const nothing = async () => undefined;
  return byMethod<Promise<void>>(spec, {
    supervised: nothing,
    multiTask: nothing,
    languageModelling: nothing,
    policyOptimization: nothing,
    async rewardModelling(rewards) {
      const tokenizer = await parts.tokenizers.get(manifest.tokenizer.digest);
      const read = await samplePreferences(rewards, manifest, tokenizer, parts);
      const problems = checkPreferences(rewards, read, rewardPath);
      if (problems.length > 0) throw new ProblemsError(problems);
    },
    async preferenceOptimization(preferences) {
      const tokenizer = await parts.tokenizers.get(manifest.tokenizer.digest);
      const read = await samplePreferences(preferences, manifest, tokenizer, parts);
      const problems = checkPreferences(preferences, read, preferencePath);
      if (problems.length > 0) throw new ProblemsError(problems);
    },
    async instructionTuning(instructions) {
      const tokenizer = await parts.tokenizers.get(manifest.tokenizer.digest);
      const problems = checkLearnable(
        instructions,
        await sampleConversations(instructions, manifest, tokenizer, parts),
      );
      if (problems.length > 0) throw new ProblemsError(problems);
    },
  });
}
