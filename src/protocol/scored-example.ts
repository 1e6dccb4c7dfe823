/**
 * What a head said of one row of an evaluation's split, as the worker keeps it and the API shows it: a row of a Parquet
 * file, with these names as its columns. Which lists are filled depends on the kind of the head; the others are empty.
 */
export interface ScoredExample {
  readonly task: string;
  /** Row of the dataset version. */
  readonly row: number;
  /**
   * Whether the prediction equals the truth: the label, all labels, all entities of IOB2 tags, or all plain tags. Null
   * for a regression.
   */
  readonly isRight: boolean | null;
  /** The probability of what is predicted: of several labels or words, the least of theirs. Null for a regression. */
  readonly confidence: number | null;
  /**
   * How far the prediction is from the truth: 1 − the probability of the true label, and of several labels or words the
   * most; 1 for a label that the head does not know. Of a regression, the mean distance over the outputs that have a
   * target, each in standard deviations of its training targets. Of tokens, the mean −ln p in nats.
   */
  readonly error: number;
  /** Classification: one label. Multi-label: any number. Token classification: a tag for each of `words`. */
  readonly trueLabels: readonly string[];
  readonly predictedLabels: readonly string[];
  /**
   * True labels that are not predicted, and predicted ones that are not true: of classifications, of multi-label heads,
   * the types of entities of IOB2 tags, or plain tags.
   */
  readonly missedLabels: readonly string[];
  readonly falseLabels: readonly string[];
  /**
   * Classification and multi-label: the likeliest labels and those that are true or predicted, the likeliest first, and
   * their probabilities. Token classification: no labels, and the probability of the predicted tag of each of `words`.
   */
  readonly labels: readonly string[];
  readonly probabilities: readonly number[];
  /** Token classification: the words with a tag that the model read, counted from 0 in their text. */
  readonly words: readonly number[];
  /** Regression: for each output, in the unit of the data. A target that is missing is null. */
  readonly trueValues: readonly (number | null)[];
  readonly predictedValues: readonly number[];
  /** Tokens that were predicted, and how many of them were right. Null of heads. */
  readonly tokenCount: number | null;
  readonly rightTokenCount: number | null;
  /** The error of the model that is compared with; null of heads, and where it can not be compared. */
  readonly baselineError: number | null;
}

/** Where a model's own predictions of tokens are scored, lists are empty. */
export const noLists = {
  trueLabels: [],
  predictedLabels: [],
  missedLabels: [],
  falseLabels: [],
  labels: [],
  probabilities: [],
  words: [],
  trueValues: [],
  predictedValues: [],
} as const satisfies Partial<ScoredExample>;

/** What examples of heads have no numbers of. */
export const noTokens = { tokenCount: null, rightTokenCount: null, baselineError: null } as const;

/** How many of the likeliest labels are kept of an example, beside those that are true or predicted. */
export const keptLabels = 5;
