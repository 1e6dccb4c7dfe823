import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';

/** Names that a family has for what predicts masked tokens. */
interface TokenPredictorNames {
  /** Projection and norm; absent where those of the pooler are meant. */
  readonly dense?: string;
  readonly norm?: string;
  /** The bias of the vocabulary. Some files have it twice, and the table of word embeddings too: `leftOut`. */
  readonly bias: string;
}

/**
 * A family of models as transformers names, stores and loads it. Code in `hugging-face/` asks for these facts and
 * does not compare the names of families.
 */
export interface TransformersFamily<Config extends TransformerConfig> {
  /** How messages name the family. */
  readonly title: string;
  /** What the names of its classes begin with: `Bert` in `BertModel`. */
  readonly classPrefix: string;
  /**
   * Reads the family's own keys of a `config.json`, with transformers' default for each that is absent. Values that
   * Attune does not support are added to `keys.findings`.
   */
  readonly readConfig: (keys: ConfigKeys) => Config;
  /** The reverse of `readConfig`: the family's own keys, in the order in which they are written. */
  readonly writeConfig: (config: Config) => Readonly<Record<string, unknown>>;
  /**
   * What its classes put before the names of the bare model: `bert` in `bert.embeddings…` of
   * `BertForSequenceClassification`.
   */
  readonly baseModule: string;
  /**
   * Names of modules in its `…ForSequenceClassification`: the head, and the projection before the head, which Attune
   * calls the pooler; null where there is none, and the head reads the last token. `poolerNorm`: the norm after that
   * projection, where there is one.
   */
  readonly classifier: { readonly head: string; readonly pooler: string | null; readonly poolerNorm?: string };
  /**
   * The key by which its classifier of texts reads the first token (`cls`, the default) or the mean; absent: it has
   * none.
   */
  readonly poolingKey?: string;
  /** The head of its `…ForTokenClassification`; null where there is no such class. */
  readonly tokenHead: string | null;
  /** Its class that predicts tokens, the next or masked ones; null where Attune has none of them. */
  readonly languageModelClass: string | null;
  /** Names of the modules that predict masked tokens in that class; absent in families that predict the next token. */
  readonly tokenPredictor?: TokenPredictorNames;
  /** PyTorch's name of the function that the pooler applies after its projection; null where there is none. */
  readonly poolerActivation: 'tanh' | 'relu' | 'gelu' | null;
  /**
   * Which pooler the bare model (`…Model`) has: `ofClassifier`, the one that the classifier of texts reads; `unused`,
   * one that no classifier reads; or `none`.
   */
  readonly bareModelPooler: 'ofClassifier' | 'unused' | 'none';
  /** Whether logits of tokens have a matrix of their own where `tie_word_embeddings` says nothing. Default: no. */
  readonly untiedByDefault?: boolean;
  /**
   * Modules of the classifier of texts that PEFT keeps in full beside an adapter. A pooler of the bare model is not
   * among them.
   */
  readonly modulesToSave: readonly string[];
  /**
   * Tensors that an import leaves out, beside those of `tokenPredictor`: of other heads that models of the family are
   * pre-trained with, and buffers that follow from the configuration.
   */
  readonly leftOut: RegExp;
  /** Tensors that files may have though the model that their configuration describes does not read them. */
  readonly leftOutWhereUnread?: RegExp;
  /**
   * Tokens that its tokenizers have beyond the rows of the model, because they stand for what only other models read:
   * pictures. An import leaves them out, so that a text in which one is typed has the tokens of its letters.
   */
  readonly tokensWithoutRow?: readonly string[];
}
