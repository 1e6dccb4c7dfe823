import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { type ModelHead, outputNames } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { describeHead } from '../export/card-heads.js';
import { problemTypeOf } from '../export/config-json.js';
import type { PadToken } from '../export/pad-token.js';
import { headsCode } from '../export/usage.js';
import { familyOf } from '../families/index.js';
import { headsFile } from '../head-notes.js';
import { isInTransformers } from '../in-transformers.js';
import type { AdapterForm } from './peft-names.js';

/** The README of an exported adapter: a model card, whose front matter hubs read, and the lines that load it. */
export function describeAdapter(
  manifest: ModelManifest,
  { architecture }: TransformerConfig,
  form: AdapterForm,
  baseModelName: string | null,
  padToken: PadToken | null,
  readsPairs: boolean,
): string {
  const { heads, licence, adapter, files } = manifest;
  const base = baseModelName ?? 'path/to/base-model';
  const [head] = heads;
  const front = [
    'library_name: peft',
    ...(baseModelName === null ? [] : [`base_model: ${JSON.stringify(baseModelName)}`]),
  ];
  // Transformers finds the class of a tokenizer in its configuration.
  const hasTokenizer = form === 'languageModel' && files.some(({ name }) => name === 'tokenizer_config.json');
  const auto = form === 'languageModel' ? 'AutoModelForCausalLM' : 'AutoModel';
  const loading =
    form !== 'bare' && form !== 'languageModel' && head !== undefined
      ? loadClassifier(manifest, head, form, base, padToken)
      : [
          ...(heads.length > 0 ? ['import torch'] : []),
          'from peft import PeftModel',
          ...(heads.length > 0 ? ['from safetensors.torch import load_file'] : []),
          `from transformers import ${auto}${heads.length > 0 || hasTokenizer ? ', AutoTokenizer' : ''}`,
          '',
          `base = ${auto}.from_pretrained(${JSON.stringify(base)})`,
        ];
  const rank = adapter === null ? '' : `, rank ${adapter.config.rank}`;
  // Labels of a classifier are in the lines that load it.
  const isToldByLabels = heads.every(({ kind }) => kind === 'classification');
  return [
    '---',
    ...front,
    '---',
    '',
    `A low-rank adapter (LoRA${rank}) for a model of the ${architecture} family, trained with Attune. Licence of the base model: ${licence.replace(/\s+/g, ' ')}.`,
    '',
    '```python',
    ...loading,
    'model = PeftModel.from_pretrained(base, "path/to/this-folder").eval()',
    ...(hasTokenizer ? ['tokenizer = AutoTokenizer.from_pretrained("path/to/this-folder")'] : []),
    ...(form === 'bare' && heads.length > 0
      ? [
          `tokenizer = AutoTokenizer.from_pretrained(${JSON.stringify(base)})`,
          `heads = load_file("path/to/this-folder/${headsFile}")`,
          '',
          ...headsCode(manifest, familyOf(architecture), true, readsPairs),
        ]
      : []),
    '```',
    ...(form === 'bare' && heads.length > 0
      ? [
          '',
          `Its heads (${heads.map(({ task }) => task).join(', ')}) are in \`${headsFile}\`, \`heads.<task>.weight\` and \`heads.<task>.bias\`: no classifier of transformers reads what they read.`,
        ]
      : []),
    ...(isToldByLabels ? [] : ['', ...heads.map(describeHead)]),
    '',
  ].join('\n');
}

function loadClassifier(
  { config, pooling }: ModelManifest,
  head: ModelHead,
  form: Exclude<AdapterForm, 'bare' | 'languageModel'>,
  base: string,
  padToken: PadToken | null,
): string[] {
  const auto = `AutoModelFor${form === 'tokenClassifier' ? 'Token' : 'Sequence'}Classification`;
  // Single-label classification is what transformers assumes of two labels or more.
  const problemType = head.kind === 'classification' ? null : problemTypeOf(head);
  const options = ['num_labels=len(labels)', 'id2label=dict(enumerate(labels))'];
  if (problemType !== null) options.push(`problem_type=${JSON.stringify(problemType)}`);
  // The base model's own configuration may say otherwise.
  const key = isInTransformers(config) ? familyOf(config.architecture).poolingKey : undefined;
  if (key !== undefined && pooling !== null) options.push(`${key}="${pooling === 'mean' ? 'mean' : 'cls'}"`);
  if (padToken !== null) options.push(`pad_token_id=${padToken.id}`);
  // A head that the base model has may be of another size; the adapter's own takes its place.
  options.push('ignore_mismatched_sizes=True');
  return [
    'from peft import PeftModel',
    `from transformers import ${auto}`,
    '',
    `labels = ${JSON.stringify(outputNames(head))}`,
    `base = ${auto}.from_pretrained(`,
    `    ${JSON.stringify(base)}, ${options.join(', ')}`,
    ')',
  ];
}
