import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import type { LayerDescription } from '../../../src/protocol/model-manifest.js';
import { isEncoder } from '../../architectures/encoder-run.js';
import { layersOf } from '../../architectures/transformer.js';
import { headShapes, headOf as shapedHead } from '../../heads/index.js';
import type { ModelConfig } from '../config.js';
import { familyOf } from '../families/index.js';
import { importedHead } from '../imported-head.js';
import { classifiesTokens } from '../tensor-names.js';

/** The tensors that a `config.json` describes. */
export interface TensorsByConfiguration {
  readonly layers: readonly LayerDescription[];
  readonly heads: readonly ModelHead[];
  /** Of layers and heads. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** What transformers gives a classifier whose configuration does not say how many classes it has. */
const usualClasses = 2;

/**
 * What a model has by its configuration alone: the layers, and the pooler, matrix of logits or head that the class has
 * which wrote the weights. For a model of transformers that is what its files have; heads that Attune wrote into a file
 * beside them are not known. Errors: ProblemError UNSUPPORTED_MODEL for a head with too many or too few outputs.
 *
 * @param json the configuration as it was read
 */
export function tensorsByConfiguration(
  model: ModelConfig,
  json: Readonly<Record<string, unknown>>,
): TensorsByConfiguration {
  const { config, writtenBy } = model;
  const {
    bareModelPooler,
    languageModelClass,
    untiedByDefault = false,
    tokenPredictor,
  } = familyOf(config.architecture);
  const { poolings, poolsAll = false } = traitsOf(config);
  const predictsTokens = writtenBy !== null && writtenBy === languageModelClass;
  const isTextClassifier = writtenBy?.endsWith('ForSequenceClassification') === true;
  const isClassifier = isTextClassifier || classifiesTokens(writtenBy);
  const isBare = writtenBy === null || (writtenBy.endsWith('Model') && !predictsTokens);
  const ties = typeof json.tie_word_embeddings === 'boolean' ? json.tie_word_embeddings : !untiedByDefault;
  const pooler = poolsAll
    ? isClassifier || predictsTokens
    : poolings.includes('firstToken') && (isTextClassifier || (isBare && bareModelPooler === 'ofClassifier'));
  const layers = layersOf(config, {
    pooler: isEncoder(config) && pooler,
    languageModel: predictsTokens && (isEncoder(config) ? tokenPredictor !== undefined && ties : !ties),
  });
  const heads = isClassifier ? [headOf(model, json)] : [];
  const tensors = [
    ...layers.flatMap((layer) => layer.tensors),
    ...heads.flatMap((head) => headShapes(shapedHead(head), config)),
  ];
  return { layers, heads, tensors };
}

function headOf(
  { writtenBy, problemType, labels, note, isRewardModel = false }: ModelConfig,
  { num_labels: stated }: Readonly<Record<string, unknown>>,
): ModelHead {
  const outputs = labels?.length ?? (Number.isSafeInteger(stated) ? Number(stated) : usualClasses);
  return importedHead({
    tensor: 'the head',
    outputs,
    readsTokens: classifiesTokens(writtenBy),
    problemType,
    labels,
    notes: note === null ? [] : [note],
    isRewardModel,
  });
}
