import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { type ModelHead, outputNames } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isLanguageModelTensor } from '../../../src/protocol/trained-layers.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import { readArtifact } from '../../models/artifacts.js';
import { type ProblemType, parseObject } from '../config.js';
import { familyOf } from '../families/index.js';
import { configNote } from '../head-notes.js';
import type { ExportContext } from './export-context.js';
import type { ExportForm } from './layout.js';

const classEndings: Readonly<Record<Exclude<ExportForm, 'languageModel'>, string>> = {
  textClassifier: 'ForSequenceClassification',
  tokenClassifier: 'ForTokenClassification',
  bare: 'Model',
};

/** Keys of the original configuration that no longer hold for the exported model, or that the export writes anew. */
const dropped = [
  '_name_or_path',
  '_num_labels',
  'num_labels',
  'id2label',
  'label2id',
  'problem_type',
  'torch_dtype',
  'dtype',
  'architectures',
  'finetuning_task',
  // Of weights that are drawn alone; transformers refuses ModernBERT's 2 in place of 2.0, which look alike here.
  'initializer_cutoff_factor',
  'attune',
];

/** The class of transformers that loads an exported model. */
function className(config: TransformerConfig, form: ExportForm): string {
  const { classPrefix, languageModelClass } = familyOf(config.architecture);
  return form === 'languageModel' && languageModelClass !== null
    ? languageModelClass
    : classPrefix + classEndings[form === 'languageModel' ? 'bare' : form];
}

/**
 * The `config.json` of an exported model.
 *
 * @param padTokenId what fills up short texts; null: as the model's configuration says
 * @param original the `config.json` of the model that training started from, whose other keys stay; null: it has none
 */
export function configJson(
  { heads, layers, pooling }: ModelManifest,
  config: TransformerConfig,
  form: ExportForm,
  original: Readonly<Record<string, unknown>> | null,
  padTokenId: number | null,
): Record<string, unknown> {
  const kept = Object.entries(original ?? {}).filter(([key]) => !dropped.includes(key));
  const [head] = heads;
  const { poolingKey, writeConfig } = familyOf(config.architecture);
  return {
    architectures: [className(config, form)],
    model_type: config.architecture,
    ...Object.fromEntries(kept.filter(([key]) => key !== 'model_type')),
    ...writeConfig(config),
    ...(poolingKey === undefined || pooling === null ? {} : { [poolingKey]: pooling === 'mean' ? 'mean' : 'cls' }),
    // Where both are stored, they differ.
    ...(isDecoder(config) && layers.some(({ tensors }) => tensors.some(isLanguageModelTensor))
      ? { tie_word_embeddings: false }
      : {}),
    ...(padTokenId === null ? {} : { pad_token_id: padTokenId }),
    ...(form === 'bare' || head === undefined ? {} : headKeys(head)),
  };
}

/** What a class of transformers is told of its one head. */
function headKeys(head: ModelHead): Record<string, unknown> {
  const problemType = problemTypeOf(head);
  const names = outputNames(head);
  return {
    ...(problemType === null ? {} : { problem_type: problemType }),
    id2label: Object.fromEntries(names.map((name, id) => [String(id), name])),
    label2id: Object.fromEntries(names.map((name, id) => [name, id])),
    ...configNote(head),
  };
}

/**
 * The `problem_type` of a head, by which transformers chooses a loss, and a pipeline what to make of logits. Null for
 * heads of tokens: transformers' classifiers of tokens have no such choice.
 */
export function problemTypeOf({ kind }: Pick<ModelHead, 'kind'>): ProblemType | null {
  switch (kind) {
    case 'classification':
      return 'single_label_classification';
    case 'multiLabel':
      return 'multi_label_classification';
    // transformers' own reward models are heads of one number, which it learns as a regression.
    case 'regression':
    case 'reward':
      return 'regression';
    case 'tokenClassification':
      return null;
    default:
      return kind satisfies never;
  }
}

/** The `config.json` that a model came with. */
export async function originalConfig({
  manifest,
  store,
}: Pick<ExportContext, 'manifest' | 'store'>): Promise<Record<string, unknown> | null> {
  const file = manifest.files.find(({ name }) => name === 'config.json');
  if (file === undefined) return null;
  return parseObject((await readArtifact(store, file.digest, 'config.json')).toString('utf8'));
}
