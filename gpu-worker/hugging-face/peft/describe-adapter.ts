import { outputNames } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { EncoderConfig } from '../../architectures/encoder-run.js';
import { headsFile } from './adapter-notes.js';

/** The README of an exported adapter: a model card, whose front matter hubs read, and the lines that load it. */
export function describeAdapter(
  { heads, licence, adapter }: ModelManifest,
  { architecture }: EncoderConfig,
  form: 'classifier' | 'bare',
  baseModelName: string | null,
): string {
  const base = baseModelName ?? 'path/to/base-model';
  const [head] = heads;
  const front = [
    'library_name: peft',
    ...(baseModelName === null ? [] : [`base_model: ${JSON.stringify(baseModelName)}`]),
  ];
  const loading =
    form === 'classifier' && head !== undefined
      ? [
          'from peft import PeftModel',
          'from transformers import AutoModelForSequenceClassification',
          '',
          `labels = ${JSON.stringify(outputNames(head))}`,
          'base = AutoModelForSequenceClassification.from_pretrained(',
          `    ${JSON.stringify(base)}, num_labels=len(labels), id2label=dict(enumerate(labels))`,
          ')',
        ]
      : [
          'from peft import PeftModel',
          'from transformers import AutoModel',
          '',
          `base = AutoModel.from_pretrained(${JSON.stringify(base)})`,
        ];
  const rank = adapter === null ? '' : `, rank ${adapter.config.rank}`;
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
    '```',
    ...(form === 'bare' && heads.length > 0
      ? [
          '',
          `Its heads (${heads.map(({ task }) => task).join(', ')}) are in \`${headsFile}\`, \`heads.<task>.weight\` and \`heads.<task>.bias\`: no classifier of transformers reads what they read.`,
        ]
      : []),
    '',
  ].join('\n');
}
