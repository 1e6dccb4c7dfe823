import { z } from 'zod';
import { Sha256 } from './sha256.js';

export const ClassScores = z.object({
  label: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  /** Examples whose true label this is. */
  support: z.number().int().min(0),
});
export type ClassScores = z.infer<typeof ClassScores>;

export const AveragedScores = z.object({ precision: z.number(), recall: z.number(), f1: z.number() });
export type AveragedScores = z.infer<typeof AveragedScores>;

const count = z.number().int().min(0);

/** Labels or tags that are true, but that the head does not know: wrong whatever it predicts, and out of the loss. */
export const UnknownTargets = z.object({
  /** Examples that have such a label, or words that have such a tag. */
  count,
  /** How many different ones there are. */
  labelCount: count,
  /** The most frequent of them, the beginning of each, with their occurrences. */
  labels: z.array(z.object({ label: z.string(), count })),
});
export type UnknownTargets = z.infer<typeof UnknownTargets>;

/** Left out where the head knows all; results that were stored before it was told lack it too. */
const unknown = UnknownTargets.optional();

/** Scores of one classification task. A precision with nothing predicted, or recall with nothing true, counts as 0. */
export const ClassificationScores = z.object({
  kind: z.literal('classification').default('classification'),
  task: z.string(),
  exampleCount: z.number().int().min(0),
  accuracy: z.number(),
  /** Mean cross-entropy, nats. */
  loss: z.number(),
  macro: AveragedScores,
  micro: AveragedScores,
  /** Averaged by support. */
  weighted: AveragedScores,
  perClass: z.array(ClassScores),
  /** Row: true label, column: predicted label, in the order of perClass. Unknown labels have no row. */
  confusionMatrix: z.array(z.array(z.number().int().min(0))),
  unknown,
});
export type ClassificationScores = z.infer<typeof ClassificationScores>;

/** Scores of one label of a multi-label task: examples that have it against those that do not. */
export const LabelScores = ClassScores.extend({
  /** The probability from which on the label is predicted. */
  threshold: z.number(),
  predicted: count,
  truePositives: count,
  falsePositives: count,
  falseNegatives: count,
  trueNegatives: count,
  /** Area under precision over recall, as steps; needs no threshold. 0 for a label that no example has. */
  averagePrecision: z.number(),
});
export type LabelScores = z.infer<typeof LabelScores>;

/** Scores of one multi-label task. A ratio of nothing to nothing counts as 0. */
export const MultiLabelScores = z.object({
  kind: z.literal('multiLabel'),
  task: z.string(),
  /** Examples whose labels are known; an empty list of labels counts as known. */
  exampleCount: count,
  /** Mean binary cross-entropy of examples and labels, nats. */
  loss: z.number(),
  /** Share of the examples whose labels are predicted exactly. */
  subsetAccuracy: z.number(),
  /** Share of wrong decisions among those over all examples and labels. */
  hammingLoss: z.number(),
  micro: AveragedScores,
  macro: AveragedScores,
  /** Averaged by support. */
  weighted: AveragedScores,
  /** Averaged over the examples, each scored over its labels. */
  samples: AveragedScores,
  averagePrecision: z.object({ macro: z.number(), micro: z.number() }),
  /** In the order of the logits. */
  perLabel: z.array(LabelScores),
  unknown,
});
export type MultiLabelScores = z.infer<typeof MultiLabelScores>;

/** How far numbers are from their targets, in the unit of the targets; squared for `mse`. */
export const RegressionMeasures = z.object({
  mse: z.number(),
  rmse: z.number(),
  mae: z.number(),
  /** Coefficient of determination, 1 − Σ(y − ŷ)² / Σ(y − ȳ)². Null where the targets are all equal. */
  r2: z.number().nullable(),
  /** Null where the targets or the predictions are all equal. */
  pearson: z.number().nullable(),
  /** Pearson's correlation of the ranks, equal values sharing their average rank. Null as above. */
  spearman: z.number().nullable(),
});
export type RegressionMeasures = z.infer<typeof RegressionMeasures>;

/** Scores of one regression task. */
export const RegressionScores = z.object({
  kind: z.literal('regression'),
  task: z.string(),
  /** Examples with a target of at least one output. */
  exampleCount: count,
  /** Mean squared error over all targets on the standardized scale, on which the head learns. */
  loss: z.number(),
  /** The plain mean over the outputs that have the measure; where none has it, null, or 0 for an error. */
  average: RegressionMeasures,
  perOutput: z.array(RegressionMeasures.extend({ name: z.string(), exampleCount: count })),
});
export type RegressionScores = z.infer<typeof RegressionScores>;

/** Scores of one tag, or of one type of entity. */
const TagScores = ClassScores.extend({ predicted: count, truePositives: count });

/** Scores of entities. One is right if both borders and the type are: seqeval's default, which is CoNLL's rule. */
export const EntityScores = z.object({
  micro: AveragedScores,
  /** The plain average over the types below. */
  macro: AveragedScores,
  /** Averaged by support. */
  weighted: AveragedScores,
  /** Types that are true or predicted anywhere, in alphabetical order. */
  perType: z.array(TagScores),
});
export type EntityScores = z.infer<typeof EntityScores>;

/**
 * Scores of one token classification task: a word counts by its first token. A ratio of nothing to nothing counts as 0.
 */
export const TokenClassificationScores = z.object({
  kind: z.literal('tokenClassification'),
  task: z.string(),
  /** Examples with at least one tagged word. */
  exampleCount: count,
  /** Tagged words that the model saw. */
  wordCount: count,
  /** Share of the words whose tag is right. */
  accuracy: z.number(),
  /** Mean cross-entropy of the words, nats. */
  loss: z.number(),
  /** The plain average over all tags. */
  macro: AveragedScores,
  /** Averaged by support. */
  weighted: AveragedScores,
  /** In the order of the logits. */
  perTag: z.array(TagScores),
  /** Null for plain tags, which mark no entities. */
  entities: EntityScores.nullable(),
  unknown,
});
export type TokenClassificationScores = z.infer<typeof TokenClassificationScores>;

/** Predictions of tokens, by no head, against the tokens that stand there. */
const TokenPredictionScores = z.object({
  /** Tokens that were predicted. */
  tokenCount: count,
  /** Mean −ln p of a token, nats. */
  loss: z.number(),
  /** The exponential of the loss. */
  perplexity: z.number(),
  /** Bits for each byte of what is predicted, in UTF-8; null of masked tokens, which are only some of a text. */
  bitsPerByte: z.number().nullable(),
  /** Share of the tokens than which no other was more probable. */
  tokenAccuracy: z.number(),
});

/** The measures of predicted tokens. */
export const TokenMeasure = z.enum(['loss', 'perplexity', 'bitsPerByte', 'tokenAccuracy']);
export type TokenMeasure = z.infer<typeof TokenMeasure>;

/** A difference of two models on the same examples: the first minus the second, with its interval of 95 %. */
const TokenDifference = z.object({ measure: TokenMeasure, value: z.number(), low: z.number(), high: z.number() });
export type TokenDifference = z.infer<typeof TokenDifference>;

/** Why two models can not be compared by a measure. */
export const Incomparable = z.enum(['otherTokens', 'otherTexts', 'noBytes']);
export type Incomparable = z.infer<typeof Incomparable>;

/** Scores of a model's own predictions of tokens, of texts or of conversations. */
export const TokenScores = TokenPredictionScores.extend({
  kind: z.literal('tokens'),
  task: z.string(),
  /** Texts or conversations with a token to predict. */
  exampleCount: count,
  /** SHA-256 of the tokens, and of what is predicted of them: equal for models that were asked for the same. */
  tokensDigest: Sha256,
  /** Bytes of what is predicted; null of masked tokens. */
  byteCount: count.nullable(),
  /** Conversations that were cut to the length, or texts that were divided because they are longer. */
  truncatedCount: count,
  /** Rows without a token to predict: without a text, or conversations that can not be read. */
  leftOutCount: count,
  /** The model that is compared with, on the same rows; null: none is. */
  baseline: TokenPredictionScores.extend({
    /** Of the measures that compare; the others are in `incomparable`. */
    differences: z.array(TokenDifference),
    incomparable: z.array(z.object({ measure: TokenMeasure, reason: Incomparable })),
  }).nullable(),
});
export type TokenScores = z.infer<typeof TokenScores>;

/** Scores of a reward model on pairs of answers, of which one is better. */
export const RewardScores = z.object({
  kind: z.literal('reward'),
  task: z.string(),
  /** Pairs. */
  exampleCount: count,
  /** Different answers in them. */
  textCount: count,
  /** Pairs whose better answer has the higher reward, and pairs of equal rewards, which are not right. */
  right: count,
  ties: count,
  accuracy: z.number(),
  /** 95 %, over prompts: `shareOfPairs`. */
  interval: z.object({ low: z.number(), high: z.number() }),
  /** Of the training, with its margins and centring; of an evaluation, mean −log σ(d) in nats. */
  loss: z.number(),
  /** Mean difference of the rewards of a pair, as the head gives them. */
  margin: z.number(),
  chosenReward: z.number(),
  rejectedReward: z.number(),
  /** Of the outputs over all answers. */
  meanReward: z.number(),
  standardDeviation: z.number(),
  calibration: z.object({
    /** Expected calibration error: the mean distance of confidence, σ(|d|), and accuracy, bins weighted by pairs. */
    error: z.number(),
    bins: z.array(
      z.object({
        from: z.number(),
        to: z.number(),
        count,
        confidence: z.number().nullable(),
        accuracy: z.number().nullable(),
      }),
    ),
  }),
  /** Spearman's, of the rewards and the characters of the answers; null where either are all equal. */
  lengthCorrelation: z.number().nullable(),
  /** By how long the better answer is beside the other: alike within 10 % of the longer one. */
  byLength: z.array(
    z.object({
      chosenIs: z.enum(['shorter', 'alike', 'longer']),
      pairs: count,
      right: count,
      accuracy: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
  /** Rows that say nothing that could be compared, and answers that were cut to the length. */
  leftOutCount: count,
  truncatedCount: count,
});
export type RewardScores = z.infer<typeof RewardScores>;

/** How often, and by how much, a number is higher for the better answer of a pair. */
export const ComparedPairs = z.object({
  /** Pairs whose better answer has the higher number, and pairs of equal numbers, which are not right. */
  right: count,
  ties: count,
  accuracy: z.number(),
  /** 95 %, over prompts: `shareOfPairs`. */
  interval: z.object({ low: z.number(), high: z.number() }),
  /** Mean difference d of the two numbers, the better answer's first. */
  margin: z.number(),
  /** Mean −log σ(d), in nats. */
  loss: z.number(),
});
export type ComparedPairs = z.infer<typeof ComparedPairs>;

/** Scores of a language model on pairs of answers: by the mean ln of the probability of an answer's tokens, in nats. */
export const PreferenceScores = ComparedPairs.extend({
  kind: z.literal('preferences'),
  task: z.string(),
  /** Pairs. */
  exampleCount: count,
  /** Means of that number over the better answers, and over the others. */
  chosenLogProbability: z.number(),
  rejectedLogProbability: z.number(),
  /** By the implicit reward, β times the ln of the ratio of an answer's probability to the reference's; null: none. */
  byReference: ComparedPairs.extend({
    /** SHA-256 of the reference. */
    digest: Sha256,
    beta: z.number(),
    /** Mean over answers' tokens of half the squared log-ratio (Schulman's k2), in nats. */
    divergence: z.number(),
  }).nullable(),
  /** SHA-256 of the tokens: equal for models that read the same. */
  tokensDigest: Sha256,
  /** Rows that say nothing that could be compared, and answers that were cut to the length. */
  leftOutCount: count,
  truncatedCount: count,
});
export type PreferenceScores = z.infer<typeof PreferenceScores>;

const ofHeads = [ClassificationScores, MultiLabelScores, RegressionScores, TokenClassificationScores] as const;

/**
 * Scores of one head that columns of targets are predicted by. Results that were stored before there were kinds are of
 * classification.
 */
export const TaskScores = z.discriminatedUnion('kind', ofHeads);
export type TaskScores = z.infer<typeof TaskScores>;

/** Scores of one head, or of the model's own predictions of tokens. */
export const EvaluationScores = z.discriminatedUnion('kind', [...ofHeads, TokenScores, RewardScores, PreferenceScores]);
export type EvaluationScores = z.infer<typeof EvaluationScores>;
