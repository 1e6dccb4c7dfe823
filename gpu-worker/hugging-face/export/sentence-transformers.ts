import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { headHasBias, traitsOf } from '../../../src/protocol/architectures/index.js';
import { outputNames, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { poolerModule, poolerNorm } from '../../../src/protocol/trained-layers.js';
import { describePooler } from '../../architectures/encoder.js';
import { isEncoder } from '../../architectures/encoder-run.js';
import { headTensors } from '../../heads/index.js';
import { ProblemError } from '../../problem-error.js';
import { toDataUnit } from '../data-unit.js';
import { familyOf } from '../families/index.js';
import type { ExportedTensor } from './layout.js';

/** A small file of an export: its name and JSON. */
type JsonFile = readonly [name: string, content: unknown];

/** A tensor of a module. */
interface ModuleTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Tensors whose rows follow one another, of one head after the other; without any it holds zeros. */
  readonly parts: readonly ExportedTensor[];
}

/** A module of sentence-transformers that has tensors. */
interface WeightedModule {
  readonly folder: string;
  readonly type: 'Dense' | 'LayerNorm';
  /** Its `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly ModuleTensor[];
}

/** A model as modules of sentence-transformers. */
export interface SentenceTransformersLayout {
  readonly json: readonly JsonFile[];
  readonly weighted: readonly WeightedModule[];
}

/**
 * Where the bare model and its tokenizer lie in an export whose heads no class of transformers has. Because they do not
 * lie in the folder itself, no `…ForSequenceClassification` loads that folder under a head of random weights.
 */
export const transformerFolder = '0_Transformer';

/**
 * Classes of `torch.nn`, by the names of their functions: of others sentence-transformers asks for
 * `trust_remote_code`.
 */
const activations = {
  none: 'torch.nn.modules.linear.Identity',
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
  const isPooled = traitsOf(config).poolsAll === true || !readsMean;
  const heads = dense(
    'none',
    ofTexts.map((head) => row(headTensors(head.task).weight, [outputNames(head).length, H])),
    ofTexts
      .filter((head) => headHasBias(config, head))
      .map((head) => row(headTensors(head.task).bias, [outputNames(head).length])),
  );
  const weighted = ofTexts.length === 0 ? [] : [...(isPooled ? poolerModules(config, row) : []), heads];
  const inFolders = weighted.map((module, index) => ({ ...module, folder: `${index + 2}_${module.type}` }));
  const paths = [
    [transformerFolder, 'Transformer'],
    ['1_Pooling', 'Pooling'],
    ...inFolders.map(({ folder, type }) => [folder, type]),
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
      ...inFolders.map(({ folder, config }): JsonFile => [`${folder}/config.json`, config]),
    ],
    weighted: inFolders,
  };
}

type ModuleOf = Omit<WeightedModule, 'folder'>;

/** A linear map [outputs,inputs] and an activation. @param bias none: a map without one */
function dense(
  activation: keyof typeof activations,
  weight: readonly ExportedTensor[],
  bias: readonly ExportedTensor[],
): ModuleOf {
  const outputs = weight.reduce((rows, { shape }) => rows + shape[0]!, 0);
  const inputs = weight[0]?.shape[1] ?? 0;
  return {
    type: 'Dense',
    config: {
      in_features: inputs,
      out_features: outputs,
      bias: bias.length > 0,
      activation_function: activations[activation],
    },
    tensors: [
      ...(bias.length === 0 ? [] : [{ name: 'linear.bias', shape: [outputs], parts: bias }]),
      { name: 'linear.weight', shape: [outputs, inputs], parts: weight },
    ],
  };
}

/** What sentence-transformers' LayerNorm adds to a variance, whatever a model's configuration says. */
const epsilonOfLayerNorm = 1e-5;

/**
 * The pooler, where the family has one, as modules. Errors: ProblemError UNSUPPORTED_EXPORT for a norm whose ε
 * sentence-transformers does not have.
 */
function poolerModules(
  config: TransformerConfig,
  row: (source: string, shape: readonly number[]) => ExportedTensor,
): ModuleOf[] {
  const { poolerActivation, classifier } = familyOf(config.architecture);
  if (!isEncoder(config) || poolerActivation === null) return [];
  const shapes = new Map(describePooler(config).tensors.map(({ name, shape }) => [name, shape]));
  const rows = (name: string) => (shapes.has(name) ? [row(name, shapes.get(name)!)] : []);
  const projection = dense(poolerActivation, rows(`${poolerModule}.weight`), rows(`${poolerModule}.bias`));
  if (classifier.poolerNorm === undefined) return [projection];
  if (config.layerNormEpsilon !== epsilonOfLayerNorm) throw otherEpsilon(config.layerNormEpsilon);
  const H = config.hiddenSize;
  return [
    projection,
    {
      type: 'LayerNorm',
      config: { dimension: H },
      tensors: ['weight', 'bias'].map((part) => ({
        name: `norm.${part}`,
        shape: [H],
        parts: rows(`${poolerNorm}.${part}`),
      })),
    },
  ];
}

function otherEpsilon(epsilon: number): ProblemError {
  return new ProblemError({
    path: ['format'],
    code: 'UNSUPPORTED_EXPORT',
    message: `several heads go out in the layout of sentence-transformers, whose norm has the epsilon ${epsilonOfLayerNorm}, and the model's is ${epsilon}`,
    hint: 'Export it as ONNX.',
  });
}
