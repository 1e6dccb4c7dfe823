import type { ChosenColumn } from '../datasets/columns-by-role.js';
import type { WrittenConversationType } from '../datasets/conversations/written-conversation.type.js';
import type { Baseline } from '../protocol/baselines.js';
import type { Finding } from '../protocol/findings.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { Encoding, Tokenizer } from '../tokenizer/index.js';
import type { NamedDefault } from './chosen-default.js';
import type { EstimateBasis } from './estimate-basis.js';
import type { EstimatedTime } from './estimated-time.js';
import type { RecommendedHyperparameter } from './recommend-hyperparameters.js';
import type { UnknownLabelsOfTask } from './unknown-labels.js';

/** Token counts of examples, special tokens included, measured in a sample of the training split. */
export interface TokenCounts {
  readonly sampledExamples: number;
  readonly mean: number;
  readonly median: number;
  readonly longest: number;
  readonly meanAfterTruncation: number;
  /** Share of the sampled examples, from 0 to 1. */
  readonly truncatedShare: number;
}

/** An example of the training split as the model would read it. */
export interface SampleEncoding {
  readonly row: number;
  readonly texts: readonly string[];
  readonly encoding: Encoding;
  readonly tokenizer: Tokenizer;
}

/** What a sample of the training split says of the conversations that are to be learned. */
export interface PlannedConversations {
  readonly sampledRows: number;
  readonly truncatedRows: number;
  /** Rows whose answers are cut off, all of them. */
  readonly rowsWithoutTarget: number;
  /** Rows that can not be learned for another reason. */
  readonly faultyRows: number;
  /** Tokens of a row on average that are learned. */
  readonly meanTargets: number;
  /** The first row that can be learned; null where none can. */
  readonly example: WrittenConversationType | null;
  /** The first rows that can not. */
  readonly faults: readonly WrittenConversationType[];
}

/** The plan of an experiment. Sizes are in bytes. */
export interface ExperimentPlan {
  readonly spec: RunSpec;
  /** The dataset version of the control texts, or of a policy's judged answers; null without any. */
  readonly controlVersionId: string | null;
  /** The model that a policy is compared with; null without one, or where it is the base model. */
  readonly referenceModelId: string | null;
  readonly trainExamples: number;
  readonly validationExamples: number;
  readonly baselines: readonly Baseline[];
  readonly findings: readonly Finding[];
  readonly unknownLabels: readonly UnknownLabelsOfTask[];
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly trainableParameters: number;
  readonly frozenParameters: number;
  readonly estimatedMemoryBytes: number;
  readonly estimatedCheckpointBytes: number;
  readonly estimatedTime: EstimatedTime;
  readonly estimateBasis: EstimateBasis;
  readonly tokens: TokenCounts;
  /** Defaults that were chosen for this experiment. */
  readonly defaults: readonly NamedDefault[];
  /** What hyperparameters should be for these data. */
  readonly recommended: readonly RecommendedHyperparameter[];
  /** Columns that the input leaves out, by the roles of the version. */
  readonly chosenColumns: readonly ChosenColumn[];
  readonly example: SampleEncoding | null;
  /** Of instruction tuning; null for other methods. */
  readonly conversations: PlannedConversations | null;
}

/** The part of a plan that follows from the spec alone. */
export type ExperimentCost = Omit<
  ExperimentPlan,
  | 'controlVersionId'
  | 'referenceModelId'
  | 'baselines'
  | 'findings'
  | 'tokens'
  | 'defaults'
  | 'recommended'
  | 'chosenColumns'
  | 'example'
  | 'conversations'
  | 'estimatedTime'
  | 'estimateBasis'
>;
