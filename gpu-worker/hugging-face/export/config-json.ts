import { type ModelHead, outputNames } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { EncoderConfig } from '../../architectures/encoder-run.js';
import { readArtifact } from '../../models/artifacts.js';
import { type ProblemType, parseObject } from '../config.js';
import { familyOf } from '../families/index.js';
import { configNote } from '../head-notes.js';
import type { ExportContext } from './export-context.js';
import type { ExportForm } from './layout.js';

const classEndings: Readonly<Record<ExportForm, string>> = {
  textClassifier: 'ForSequenceClassification',
  tokenClassifier: 'ForTokenClassification',
  bare: 'Model',
};

/** Keys of the model as it came that are not true of it any more, or that are another's business. */
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
  'attune',
];

/** The class of transformers that loads an exported model. */
function className(config: EncoderConfig, form: ExportForm): string {
  return familyOf(config.architecture).classPrefix + classEndings[form];
}

/**
 * The `config.json` of an exported model.
 *
 * @param original that of the model it was trained from, whose other keys stay; null where there was none
 */
export function configJson(
  { heads }: ModelManifest,
  config: EncoderConfig,
  form: ExportForm,
  original: Readonly<Record<string, unknown>> | null,
): Record<string, unknown> {
  const kept = Object.entries(original ?? {}).filter(([key]) => !dropped.includes(key));
  const [head] = heads;
  return {
    architectures: [className(config, form)],
    model_type: config.architecture,
    ...Object.fromEntries(kept.filter(([key]) => key !== 'model_type')),
    ...familyOf(config.architecture).writeConfig(config),
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
 * By which transformers chooses a loss, and a pipeline what to make of logits. Null: its classifiers of tokens know one
 * problem alone.
 */
export function problemTypeOf({ kind }: Pick<ModelHead, 'kind'>): ProblemType | null {
  switch (kind) {
    case 'classification':
      return 'single_label_classification';
    case 'multiLabel':
      return 'multi_label_classification';
    case 'regression':
      return 'regression';
    case 'tokenClassification':
      return null;
    default:
      return kind satisfies never;
  }
}

/** The `config.json` that a model came with. */
export async function originalConfig({ manifest, store }: ExportContext): Promise<Record<string, unknown> | null> {
  const file = manifest.files.find(({ name }) => name === 'config.json');
  if (file === undefined) return null;
  return parseObject((await readArtifact(store, file.digest, 'config.json')).toString('utf8'));
}
