import { type ModelHead, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isPoolerTensor } from '../../../src/protocol/trained-layers.js';
import type { EncoderConfig } from '../../architectures/encoder-run.js';
import { headOf, headShapes, headTensors } from '../../heads/index.js';
import { type RowMap, toDataUnit } from '../data-unit.js';
import { type FamilyName, familyOf } from '../families/index.js';
import { classifierTensorName, tokenHeadModule } from '../tensor-names.js';

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
 * with their one head; `bare`: its model alone.
 */
export type ExportForm = 'textClassifier' | 'tokenClassifier' | 'bare';

/** Where a model's tensors go. */
export interface ExportLayout {
  readonly form: ExportForm;
  /** The tensors of `model.safetensors`, under transformers' names. */
  readonly model: readonly ExportedTensor[];
  /** Tensors that no class of transformers has a place for: those of `heads.safetensors`, under Attune's names. */
  readonly beside: readonly ExportedTensor[];
}

/** The class of transformers that has a model's heads. */
export function formOf({ heads, pooling, layers }: Pick<ModelManifest, 'heads' | 'pooling' | 'layers'>): ExportForm {
  const [head, ...others] = heads;
  if (head === undefined || others.length > 0) return 'bare';
  if (readsTokens(head)) return 'tokenClassifier';
  const hasPooler = layers.some(({ tensors }) => tensors.some(isPoolerTensor));
  return pooling !== 'mean' && hasPooler ? 'textClassifier' : 'bare';
}

/** Decides for which class of transformers a model is exported, and where each tensor goes. */
export function layoutOf(manifest: ModelManifest, config: EncoderConfig): ExportLayout {
  const { heads } = manifest;
  const { architecture: family } = config;
  const form = formOf(manifest);
  const maps = toDataUnit(heads);
  const ofLayers = manifest.layers.flatMap(({ tensors }) => tensors);
  const ofHeads = heads.flatMap((head) => headShapes(headOf(head), config));
  const isPart = (tensor: { readonly name: string }) => hasPooler(form, family) || !isPoolerTensor(tensor);
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
  const headModule = form === 'textClassifier' ? familyOf(family).classifier.head : tokenHeadModule;
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
function hasPooler(form: ExportForm, family: FamilyName): boolean {
  switch (form) {
    case 'textClassifier':
      return true;
    case 'tokenClassifier':
      return false;
    case 'bare':
      return familyOf(family).bareModelPooler === 'ofClassifier';
    default:
      return form satisfies never;
  }
}

function partOf(tensor: string, heads: readonly ModelHead[]): 'weight' | 'bias' {
  return heads.some(({ task }) => headTensors(task).weight === tensor) ? 'weight' : 'bias';
}
