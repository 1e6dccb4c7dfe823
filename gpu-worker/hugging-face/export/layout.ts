import type { ArchitectureConfig, TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import { type ModelHead, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isLanguageModelTensor, isPoolerTensor } from '../../../src/protocol/trained-layers.js';
import { headOf, headShapes, headTensors } from '../../heads/index.js';
import { type RowMap, toDataUnit } from '../data-unit.js';
import { familyOf } from '../families/index.js';
import { isInTransformers } from '../in-transformers.js';
import { classifierTensorName } from '../tensor-names.js';

/** A tensor of an exported file. */
export interface ExportedTensor {
  /** Its name in the file. */
  readonly name: string;
  /** Attune's name. */
  readonly source: string;
  readonly shape: readonly number[];
  /** How its rows change on the way; undefined: they do not. */
  readonly map?: RowMap | undefined;
}

/**
 * `textClassifier`: the family's `…ForSequenceClassification`; `tokenClassifier`: its `…ForTokenClassification`, both
 * with their one head; `languageModel`: its class that predicts the next token, or masked ones; `bare`: its model
 * alone.
 */
export type ExportForm = 'textClassifier' | 'tokenClassifier' | 'languageModel' | 'bare';

/** Where a model's tensors go. */
export interface ExportLayout {
  readonly form: ExportForm;
  /** The tensors of `model.safetensors`, under transformers' names. */
  readonly model: readonly ExportedTensor[];
  /** Tensors that no class of transformers has a place for: those of `heads.safetensors`, under Attune's names. */
  readonly beside: readonly ExportedTensor[];
}

/** The class of transformers that has a model's heads. */
export function formOf({
  config,
  heads,
  pooling,
  layers,
}: Pick<ModelManifest, 'config' | 'heads' | 'pooling' | 'layers'>): ExportForm {
  const [head, ...others] = heads;
  if (head === undefined) return predictsTokens({ config, layers }) ? 'languageModel' : 'bare';
  if (others.length > 0) return 'bare';
  const { isCausal, poolsAll = false } = traitsOf(config);
  if (readsTokens(head)) return hasTokenClass(config) ? 'tokenClassifier' : 'bare';
  // Without a pooler of its own the head of a causal model reads the last token's state as it is.
  const hasPooler = isCausal || layers.some(({ tensors }) => tensors.some(isPoolerTensor));
  return (poolsAll || pooling !== 'mean') && hasPooler ? 'textClassifier' : 'bare';
}

/** Whether transformers has a class of the family with a head of tokens. */
export function hasTokenClass(config: ArchitectureConfig): boolean {
  return isInTransformers(config) && familyOf(config.architecture).tokenHead !== null;
}

/**
 * Whether a model has what gives the logits of tokens: a decoder a matrix of its own or its table of embeddings, an
 * encoder what predicts masked tokens.
 */
export function predictsTokens({ config, layers }: Pick<ModelManifest, 'config' | 'layers'>): boolean {
  const isTied = 'tiesEmbeddings' in config && config.tiesEmbeddings;
  return isTied || layers.some(({ tensors }) => tensors.some(isLanguageModelTensor));
}

/** Decides for which class of transformers a model is exported, and where each tensor goes. */
export function layoutOf(manifest: ModelManifest, config: TransformerConfig): ExportLayout {
  const { heads } = manifest;
  const { architecture: family } = config;
  const form = formOf(manifest);
  const maps = toDataUnit(heads);
  const ofHeads = heads.flatMap((head) => headShapes(headOf(head), config));
  const isPart = (tensor: { readonly name: string }) => hasPooler(form, config) || !isPoolerTensor(tensor);
  // No class with heads of other kinds predicts tokens.
  const ofModel = manifest.layers.flatMap(({ tensors }) => tensors);
  const ofLayers = form === 'languageModel' ? ofModel : ofModel.filter((tensor) => !isLanguageModelTensor(tensor));
  const exported = ({ name, shape }: Pick<ExportedTensor, 'name' | 'shape'>, fileName = name): ExportedTensor => ({
    name: fileName,
    source: name,
    shape,
    map: maps.get(name),
  });
  if (form === 'bare') {
    return {
      form,
      model: ofLayers.filter(isPart).map((tensor) => exported(tensor)),
      beside: [...ofLayers.filter((tensor) => !isPart(tensor)), ...ofHeads].map((tensor) => exported(tensor)),
    };
  }
  const { classifier, tokenHead } = familyOf(family);
  const headModule = form === 'textClassifier' ? classifier.head : tokenHead;
  return {
    form,
    model: [
      ...ofLayers.filter(isPart).map((tensor) => exported(tensor, classifierTensorName(tensor.name, family))),
      ...ofHeads.map((tensor) => exported(tensor, `${headModule}.${partOf(tensor.name, heads)}`)),
    ],
    beside: [],
  };
}

/** Whether transformers' class has the pooler: every classifier of texts does, and some families' bare models do. */
function hasPooler(form: ExportForm, { architecture }: TransformerConfig): boolean {
  switch (form) {
    case 'textClassifier':
      return true;
    case 'tokenClassifier':
    case 'languageModel':
      return traitsOf({ architecture }).poolsAll === true;
    case 'bare':
      return familyOf(architecture).bareModelPooler === 'ofClassifier';
    default:
      return form satisfies never;
  }
}

function partOf(tensor: string, heads: readonly ModelHead[]): 'weight' | 'bias' {
  return heads.some(({ task }) => headTensors(task).weight === tensor) ? 'weight' : 'bias';
}
