import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { headHasBias, traitsOf } from '../../../src/protocol/architectures/index.js';
import { outputNames, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { poolerModule } from '../../../src/protocol/trained-layers.js';
import { headTensors } from '../../heads/index.js';
import { toDataUnit } from '../data-unit.js';
import { familyOf } from '../families/index.js';
import type { ExportedTensor } from './layout.js';

/** A small file of an export: its name and JSON. */
type JsonFile = readonly [name: string, content: unknown];

/** A `Dense` of sentence-transformers: a linear map and an activation. */
interface DenseModule {
  readonly folder: string;
  readonly inputs: number;
  readonly outputs: number;
  /** A class of `torch.nn`: of others sentence-transformers asks for `trust_remote_code`. */
  readonly activation: string;
  /** Rows of each tensor, from one head after the other. No bias: heads of a family that have none. */
  readonly weight: readonly ExportedTensor[];
  readonly bias: readonly ExportedTensor[];
}

/** A model as modules of sentence-transformers. */
export interface SentenceTransformersLayout {
  readonly json: readonly JsonFile[];
  readonly dense: readonly DenseModule[];
}

/**
 * Where the bare model and its tokenizer lie in an export whose heads no class of transformers has. Because they do not
 * lie in the folder itself, no `…ForSequenceClassification` loads that folder under a head of random weights.
 */
export const transformerFolder = '0_Transformer';

/** Classes of `torch.nn`, by the names of their functions. */
const activations = {
  tanh: 'torch.nn.modules.activation.Tanh',
  relu: 'torch.nn.modules.activation.ReLU',
  gelu: 'torch.nn.modules.activation.GELU',
} as const;

/**
 * The files that make `SentenceTransformer(folder).encode(texts)` give the outputs of all heads of texts, one head
 * after the other: how states of tokens become a vector, and the heads as linear maps. Heads of tokens have no place
 * there.
 * https://sbert.net/docs/sentence_transformer/usage/custom_models.html
 */
export function sentenceTransformersLayout(
  manifest: ModelManifest,
  config: TransformerConfig,
): SentenceTransformersLayout {
  const { hiddenSize: H } = config;
  const ofTexts = manifest.heads.filter((head) => !readsTokens(head));
  const readsLast = !(ofTexts.length === 0 || manifest.pooling === 'mean') && traitsOf(config).isCausal;
  const readsMean = ofTexts.length === 0 || manifest.pooling === 'mean';
  const maps = toDataUnit(manifest.heads);
  const row = (source: string, shape: readonly number[]): ExportedTensor => ({
    name: source,
    source,
    shape,
    map: maps.get(source),
  });
  const { poolerActivation } = familyOf(config.architecture);
  const pooler = poolerActivation !== null && {
    inputs: H,
    outputs: H,
    activation: activations[poolerActivation],
    weight: [row(`${poolerModule}.weight`, [H, H])],
    bias: [row(`${poolerModule}.bias`, [H])],
  };
  const heads = {
    inputs: H,
    outputs: ofTexts.reduce((count, head) => count + outputNames(head).length, 0),
    activation: 'torch.nn.modules.linear.Identity',
    weight: ofTexts.map((head) => row(headTensors(head.task).weight, [outputNames(head).length, H])),
    bias: ofTexts
      .filter((head) => headHasBias(config, head))
      .map((head) => row(headTensors(head.task).bias, [outputNames(head).length])),
  };
  const dense = [...(readsMean || pooler === false ? [] : [pooler]), ...(ofTexts.length === 0 ? [] : [heads])].map(
    (module, index) => ({
      ...module,
      folder: `${index + 2}_Dense`,
    }),
  );
  const paths = [
    [transformerFolder, 'Transformer'],
    ['1_Pooling', 'Pooling'],
    ...dense.map(({ folder }) => [folder, 'Dense']),
  ];
  const modules = paths.map(([path, type], idx) => ({
    idx,
    name: String(idx),
    path,
    type: `sentence_transformers.models.${type}`,
  }));
  return {
    json: [
      ['modules.json', modules],
      [
        `${transformerFolder}/sentence_bert_config.json`,
        { max_seq_length: manifest.maxLength ?? manifest.contextLength, do_lower_case: false },
      ],
      [
        '1_Pooling/config.json',
        {
          word_embedding_dimension: H,
          pooling_mode_cls_token: !readsMean && !readsLast,
          pooling_mode_mean_tokens: readsMean,
          pooling_mode_max_tokens: false,
          pooling_mode_mean_sqrt_len_tokens: false,
          ...(readsLast ? { pooling_mode_lasttoken: true } : {}),
        },
      ],
      ...dense.map(
        ({ folder, inputs, outputs, activation, bias }): JsonFile => [
          `${folder}/config.json`,
          { in_features: inputs, out_features: outputs, bias: bias.length > 0, activation_function: activation },
        ],
      ),
    ],
    dense,
  };
}
