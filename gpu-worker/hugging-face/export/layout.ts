import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { poolerModule } from '../../../src/protocol/trained-layers.js';
import type { EncoderConfig } from '../../architectures/encoder-run.js';
import { headOf, headShapes, headTensors } from '../../heads/index.js';
import { classifierModules, classifierTensorName } from '../tensor-names.js';

/** A tensor of an exported file. */
export interface ExportedTensor {
  /** In the file. */
  readonly name: string;
  /** Attune's name. */
  readonly source: string;
  readonly shape: readonly number[];
}

/** Where a model's tensors go. */
export interface ExportLayout {
  /** `classifier`: the family's `…ForSequenceClassification`, with its one head. `bare`: its model alone. */
  readonly form: 'classifier' | 'bare';
  /** Of `model.safetensors`, under transformers' names. */
  readonly model: readonly ExportedTensor[];
  /** What transformers' classes have no place for, under Attune's names: of `heads.safetensors`. */
  readonly beside: readonly ExportedTensor[];
}

/** Decides in which form transformers gets a model. */
export function layoutOf({ layers, heads, pooling }: ModelManifest, config: EncoderConfig): ExportLayout {
  const ofLayers = layers.flatMap(({ tensors }) => tensors);
  const ofHeads = heads.flatMap((head) => headShapes(headOf(head), config));
  const isPooler = ({ name }: { readonly name: string }) => name.startsWith(`${poolerModule}.`);
  const [head, ...otherHeads] = heads;
  if (head !== undefined && otherHeads.length === 0 && pooling !== 'mean' && ofLayers.some(isPooler)) {
    const { weight } = headTensors(head.task);
    const { head: headModule } = classifierModules[config.architecture];
    return {
      form: 'classifier',
      model: [
        ...ofLayers.map(({ name, shape }) => ({
          name: classifierTensorName(name, config.architecture),
          source: name,
          shape,
        })),
        ...ofHeads.map(({ name, shape }) => ({
          name: `${headModule}.${name === weight ? 'weight' : 'bias'}`,
          source: name,
          shape,
        })),
      ],
      beside: [],
    };
  }
  // BERT's pooler belongs to its bare model; those of the other families are part of their classifiers.
  const staysThere = config.architecture === 'bert';
  const asItIs = ({ name, shape }: { readonly name: string; readonly shape: readonly number[] }): ExportedTensor => ({
    name,
    source: name,
    shape,
  });
  return {
    form: 'bare',
    model: ofLayers.filter((tensor) => staysThere || !isPooler(tensor)).map(asItIs),
    beside: [...ofLayers.filter((tensor) => !staysThere && isPooler(tensor)), ...ofHeads].map(asItIs),
  };
}
