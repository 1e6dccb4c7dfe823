import type { Pooling } from '../pooling.js';
import type { Fresh } from './fresh.js';

/** What sets a family of models apart, for code that handles models of every family. */
export interface Traits {
  /** Whether a token reads itself and those before it alone. */
  readonly isCausal: boolean;
  /** Whether it reads two texts at a time. */
  readonly readsPairs: boolean;
  /**
   * Whether its tokenizers usually tell it by types which text of a pair a token is from, as transformers'
   * `model_input_names` of the family say.
   */
  readonly givesTokenTypes: boolean;
  /** Whether it makes the vector of a whole text in a way of its own, so that there is no pooling to choose. */
  readonly hasOwnPooler: boolean;
  /**
   * Whether one graph takes batches of every length; else each length needs one, as constants of the graph depend on
   * it.
   */
  readonly hasOneGraphForAllLengths: boolean;
  /** Whether it can run on from the states after any of its layers. */
  readonly runsFromStates: boolean;
  /** Whether its matrices are stored [inputs, outputs]; else [outputs, inputs], as `torch.nn.Linear` has them. */
  readonly storesInputsFirst: boolean;
  /** Whether transformers has the family, and so PEFT: exports in their layouts exist. */
  readonly isInTransformers: boolean;
  /** Whether its feed-forward networks have a gate, a second projection as wide as the first. */
  readonly hasGates: boolean;
  /**
   * Norms of a layer beside one for attention and one for the feed-forward network: of heads of queries and keys, and
   * of what attention and the feed-forward network give, beside those of what they read.
   */
  readonly moreNorms: 'none' | 'ofHeads' | 'ofHeadsAndOutputs';
  /** Whether heads of whole texts have a bias; those of tokens always have one. */
  readonly textHeadsHaveBias: boolean;
  /** Whether masked tokens can be predicted with it, by the head that its family is pre-trained with. Default: no. */
  readonly predictsMasked?: boolean;
  /**
   * Whether all that heads read goes through the pooler, the mean and the state of each token too, and what predicts
   * masked tokens. Default: the first token's state alone.
   */
  readonly poolsAll?: boolean;
  /** What a low-rank adapter changes when nothing is named: the query and value projections (Hu et al. 2021, §4.2). */
  readonly defaultTargets: readonly string[];
  /**
   * Defaults of hyperparameters. Null: dropout is that of the model's configuration, and there is no pooling to choose.
   */
  readonly defaultDropout: number | null;
  /** What heads of whole texts can read; none where the family has a way of its own. */
  readonly poolings: readonly Pooling[];
  readonly defaultPooling: Pooling | null;
}

/** A family: its traits, and what depends on a configuration. */
export interface Family<Config> {
  readonly traits: Traits;
  /** Tokens of the longest text that a model reads. */
  readonly longestText: (config: Config) => number;
  /** Width of the vector of a whole text. */
  readonly textWidth: (config: Config) => number;
  /** How a model is made from nothing; absent where none is. */
  readonly fresh?: Fresh<Config>;
}
