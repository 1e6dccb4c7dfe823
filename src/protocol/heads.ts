import { z } from 'zod';

/**
 * `balanced`: N / (classes · count of the class), as scikit-learn has it; for a multi-label head, negatives / positives
 * of each label.
 */
export const ClassWeights = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('balanced') }),
  z.object({
    kind: z.literal('explicit'),
    weights: z.array(z.object({ label: z.string(), weight: z.number().positive() })),
  }),
]);
export type ClassWeights = z.infer<typeof ClassWeights>;

/**
 * The probability from which on a label is predicted. `chosen`: for each label, the one with the highest F1 on the
 * validation split.
 */
export const Thresholds = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chosen') }),
  z.object({
    kind: z.literal('given'),
    /** Labels that are not named have 0.5. */
    thresholds: z.array(z.object({ label: z.string(), threshold: z.number().gt(0).lt(1) })),
  }),
]);
export type Thresholds = z.infer<typeof Thresholds>;

/**
 * `iob2`: `B-X` begins an entity of type X, `I-X` continues it, `O` is outside. `plain`: each tag stands for itself.
 */
export const TagScheme = z.enum(['iob2', 'plain']);
export type TagScheme = z.infer<typeof TagScheme>;

/** The scheme of a head's tags, as they look: IOB2 where every tag is `O`, or `B-` or `I-` and a type. */
export function schemeOf(tags: readonly string[]): TagScheme {
  return tags.every(isIob2Tag) ? 'iob2' : 'plain';
}

export function isIob2Tag(tag: string): boolean {
  return tag === 'O' || /^[BI]-./su.test(tag);
}

/** One class of several for each example: softmax and cross-entropy. */
export const ClassificationSpec = z.object({
  kind: z.literal('classification').default('classification'),
  labelColumn: z.string().min(1),
  /** In the order of the logits. */
  labels: z.array(z.string()).min(2),
  classWeights: ClassWeights,
});
export type ClassificationSpec = z.infer<typeof ClassificationSpec>;

/** Any number of labels for each example, an empty list included: sigmoid and binary cross-entropy. */
export const MultiLabelSpec = z.object({
  kind: z.literal('multiLabel'),
  /** A column of lists of labels. */
  labelColumn: z.string().min(1),
  /** In the order of the logits. */
  labels: z.array(z.string()).min(1),
  /** Factors of the loss where a label is present: PyTorch's `pos_weight`. */
  classWeights: ClassWeights,
  thresholds: Thresholds,
});
export type MultiLabelSpec = z.infer<typeof MultiLabelSpec>;

/** Most numbers that a regression predicts. */
export const maxOutputs = 64;

/**
 * One or several numbers for each example: mean squared error on targets that are standardized on the training split.
 */
export const RegressionSpec = z.object({
  kind: z.literal('regression'),
  /** Columns of numbers, in the order of the outputs, which are named after them. */
  targetColumns: z.array(z.string().min(1)).min(1).max(maxOutputs),
});
export type RegressionSpec = z.infer<typeof RegressionSpec>;

/** A tag for each word: cross-entropy at the first token of each word. */
export const TokenClassificationSpec = z.object({
  kind: z.literal('tokenClassification'),
  /** A column of lists of tags, one for each word of the text column. */
  tagColumn: z.string().min(1),
  /** The tags, in the order of the logits. */
  labels: z.array(z.string()).min(2),
  scheme: TagScheme,
  classWeights: ClassWeights,
});
export type TokenClassificationSpec = z.infer<typeof TokenClassificationSpec>;

/** What is to be predicted: a head to train, and the columns that its targets come from. */
export const TargetHeadSpec = z.discriminatedUnion('kind', [
  ClassificationSpec,
  MultiLabelSpec,
  RegressionSpec,
  TokenClassificationSpec,
]);
export type TargetHeadSpec = z.infer<typeof TargetHeadSpec>;
/** The kinds of heads that learn columns of targets. */
export type TargetKind = TargetHeadSpec['kind'];

/** How good an answer is: one number for each prompt with an answer, learned from judgements that compare them. */
export const RewardSpec = z.object({ kind: z.literal('reward') });
export type RewardSpec = z.infer<typeof RewardSpec>;

/** A head to train. */
export const HeadSpec = z.discriminatedUnion('kind', [...TargetHeadSpec.options, RewardSpec]);
export type HeadSpec = z.infer<typeof HeadSpec>;
export type HeadKind = HeadSpec['kind'];

const task = z.string();

export const ClassificationHead = z.object({
  kind: z.literal('classification').default('classification'),
  task,
  labels: z.array(z.string()).min(2),
});
export type ClassificationHead = z.infer<typeof ClassificationHead>;

export const MultiLabelHead = z.object({
  kind: z.literal('multiLabel'),
  task,
  labels: z.array(z.string()).min(1),
  /** For each label, the probability from which on it is predicted. */
  thresholds: z.array(z.number()),
});
export type MultiLabelHead = z.infer<typeof MultiLabelHead>;

export const RegressionHead = z.object({
  kind: z.literal('regression'),
  task,
  /** Names of the outputs. */
  outputs: z.array(z.string()).min(1),
  /** For each output: value = mean + scale · output of the head. */
  means: z.array(z.number()),
  scales: z.array(z.number()),
});
export type RegressionHead = z.infer<typeof RegressionHead>;

export const TokenClassificationHead = z.object({
  kind: z.literal('tokenClassification'),
  task,
  /** The tags. */
  labels: z.array(z.string()).min(2),
  scheme: TagScheme,
});
export type TokenClassificationHead = z.infer<typeof TokenClassificationHead>;

/** How often a reward model puts the better answer of a pair first, on pairs that it did not learn. */
export const RewardEvidence = z.object({
  pairs: z.number().int().min(0),
  /** Pairs whose better answer has the higher reward; of two equal rewards none is higher. */
  right: z.number().int().min(0),
  /** The interval of their share, 95 %, over prompts: `shareOfPairs`. */
  low: z.number(),
  high: z.number(),
});
export type RewardEvidence = z.infer<typeof RewardEvidence>;

export const RewardHead = z.object({
  kind: z.literal('reward'),
  task,
  /** Of the head's outputs over held-out answers: reward = (output − mean) / scale. */
  mean: z.number(),
  scale: z.number().positive(),
  /** Null: nothing is known, as of a model from elsewhere. */
  evidence: RewardEvidence.nullable(),
  /** What a chat template's `strftime_now` said in training, and says again. Null: it is not known. */
  templateTime: z.iso.datetime().nullable(),
  /**
   * Of a decoder: whether it was trained by transformers, whose classifiers do not read padding at the end of a text,
   * also where the token that ends answers is the padding. Absent: no.
   */
  looksPastPadding: z.boolean().optional(),
});
export type RewardHead = z.infer<typeof RewardHead>;

/** The task of every reward head. */
export const rewardTask = 'reward';

/**
 * Whether a reward model may steer a policy: whether it is above chance on held-out pairs, by the lower end of the
 * interval. Of a model without evidence nobody knows.
 */
export function steers({ evidence }: Pick<RewardHead, 'evidence'>): boolean {
  return evidence !== null && evidence.low > 0.5;
}

/** How a reward model does on pairs that it did not learn, as messages say it. */
export function evidenceInWords({ evidence }: Pick<RewardHead, 'evidence'>): string {
  if (evidence === null) return 'nobody knows how it does on pairs that it did not learn';
  const { pairs, right, low, high } = evidence;
  const interval = `95 %: ${low.toFixed(3)} to ${high.toFixed(3)}`;
  return `of ${pairs} pairs that it did not learn, it has ${right} right (${interval})`;
}

/**
 * A head that a model has: tensors `heads.<task>.weight` [K,H] and `heads.<task>.bias` [K] for K outputs. All but the
 * last kind read the vector of a whole text, token classification reads the state of each token.
 */
export const ModelHead = z.discriminatedUnion('kind', [
  ClassificationHead,
  MultiLabelHead,
  RegressionHead,
  TokenClassificationHead,
  RewardHead,
]);
export type ModelHead = z.infer<typeof ModelHead>;
/** A head that columns of targets are predicted by. */
export type TargetHead = Exclude<ModelHead, RewardHead>;

/** The model's reward head; null: it is no reward model. */
export function rewardHeadOf({ heads }: { readonly heads: readonly ModelHead[] }): RewardHead | null {
  return heads.find((head) => head.kind === 'reward') ?? null;
}

/**
 * A head as files hold it. Classification heads are written without their kind, as the first release wrote them: equal
 * models keep equal digests.
 */
export function writtenHead(head: ModelHead): unknown {
  if (head.kind !== 'classification') return head;
  const { task, labels } = head;
  return { task, labels };
}

/** Names of a head's outputs, in their order: labels, tags, or the numbers of a regression. */
export function outputNames(head: HeadSpec | ModelHead): readonly string[] {
  switch (head.kind) {
    case 'classification':
    case 'multiLabel':
    case 'tokenClassification':
      return head.labels;
    case 'regression':
      return 'outputs' in head ? head.outputs : head.targetColumns;
    case 'reward':
      return [rewardTask];
    default:
      return head satisfies never;
  }
}

/** Whether a head reads the state of each token, [B,T,H], in place of one vector for each text, [B,O]. */
export function readsTokens({ kind }: { readonly kind: HeadKind }): boolean {
  return kind === 'tokenClassification';
}

/** The columns that a head's targets come from; none of a reward head, which learns from comparisons. */
export function targetColumnsOf(head: HeadSpec): readonly string[] {
  switch (head.kind) {
    case 'classification':
    case 'multiLabel':
      return [head.labelColumn];
    case 'regression':
      return head.targetColumns;
    case 'tokenClassification':
      return [head.tagColumn];
    case 'reward':
      return [];
    default:
      return head satisfies never;
  }
}

/**
 * The measures of a head on the validation split after each epoch, which are the last parts of metric keys. For labels,
 * `precision`, `recall` and `f1` are macro averages; for IOB2 tags they are micro averages over entities, and for plain
 * tags macro averages over the tags.
 */
export function measuresOf(kind: HeadKind): readonly string[] {
  switch (kind) {
    case 'classification':
      return ['loss', 'accuracy', 'precision', 'recall', 'f1'];
    case 'multiLabel':
      return ['loss', 'subsetAccuracy', 'precision', 'recall', 'f1', 'microF1', 'samplesF1', 'averagePrecision'];
    case 'regression':
      return ['loss', 'mse', 'rmse', 'mae', 'r2', 'pearson', 'spearman'];
    case 'tokenClassification':
      return ['loss', 'accuracy', 'precision', 'recall', 'f1'];
    case 'reward':
      return ['loss', 'accuracy', 'margin', 'chosenReward', 'rejectedReward'];
    default:
      return kind satisfies never;
  }
}

/** Most labels of a column that a head may tell apart. */
export const maxLabels = 1000;

/** Most UTF-16 code units of a label. Longer labels do not fit into the index that lists are filtered by. */
export const maxLabelLength = 500;

/** Range of the weights of classes and of tasks in a loss. Sums of weights far outside of it leave float32's range. */
export const weightRange = { least: 1e-9, most: 1e9 } as const;

/**
 * Targets of a regression are at most this far from 0, and differ by at least its reciprocal. Beyond, products of their
 * squares leave the range of doubles.
 */
export const largestTarget = 1e60;
