import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { poolerModule } from '../../../src/protocol/trained-layers.js';
import { headsFile } from '../peft/adapter-notes.js';
import type { ExportLayout } from './layout.js';

/** How Python loads what was exported. */
export function transformersUsage(manifest: ModelManifest, { form, beside }: ExportLayout): string {
  if (form === 'classifier') {
    return fenced(
      'python',
      'from transformers import pipeline',
      '',
      `classify = pipeline("text-classification", model="<this folder>"${lengthOption(manifest)})`,
      'classify("a text")',
    );
  }
  const bare = fenced(
    'python',
    'from transformers import AutoModel, AutoTokenizer',
    '',
    'tokenizer = AutoTokenizer.from_pretrained("<this folder>")',
    `model = AutoModel.from_pretrained("<this folder>"${poolerOption(manifest)})`,
  );
  if (manifest.heads.length === 0) return bare;
  const vector =
    manifest.pooling === 'mean'
      ? ['mask = inputs["attention_mask"].unsqueeze(-1)', 'vector = (states * mask).sum(1) / mask.sum(1)']
      : firstToken(
          manifest,
          beside.some(({ name }) => name.startsWith('pooler.')),
        );
  return [
    `transformers has no class for these heads: the bare model is in \`model.safetensors\`, they are in \`${headsFile}\`, as \`heads.<task>.weight\` and \`heads.<task>.bias\`.`,
    '',
    fenced(
      'python',
      'import torch',
      'from safetensors.torch import load_file',
      'from transformers import AutoModel, AutoTokenizer',
      '',
      'tokenizer = AutoTokenizer.from_pretrained("<this folder>")',
      `model = AutoModel.from_pretrained("<this folder>"${poolerOption(manifest)})`,
      `heads = load_file("<this folder>/${headsFile}")`,
      '',
      `inputs = tokenizer(["a text"], return_tensors="pt", truncation=True${maxLength(manifest)})`,
      'with torch.no_grad():',
      '    output = model(**inputs)',
      'states = output.last_hidden_state',
      ...vector,
      `logits = vector @ heads["heads.${manifest.heads[0]!.task}.weight"].T + heads["heads.${manifest.heads[0]!.task}.bias"]`,
    ),
  ].join('\n');
}

function firstToken({ config }: ModelManifest, isBeside: boolean): string[] {
  if (!isBeside) return ['vector = output.pooler_output'];
  const activation = config.architecture === 'distilbert' ? 'torch.relu' : 'torch.tanh';
  return [`vector = ${activation}(states[:, 0] @ heads["pooler.dense.weight"].T + heads["pooler.dense.bias"])`];
}

/** Without it transformers makes a pooler of random weights that nothing reads, and warns. */
function poolerOption({ config, layers }: ModelManifest): string {
  const hasPooler = layers.some(({ tensors }) => tensors.some(({ name }) => name === `${poolerModule}.weight`));
  const isMade = config.architecture === 'roberta' || (config.architecture === 'bert' && !hasPooler);
  return isMade ? ', add_pooling_layer=False' : '';
}

function lengthOption({ maxLength }: ModelManifest): string {
  return maxLength === null ? ', truncation=True' : `, truncation=True, max_length=${maxLength}`;
}

function maxLength({ maxLength }: ModelManifest): string {
  return maxLength === null ? '' : `, max_length=${maxLength}`;
}

export function fenced(language: string, ...lines: string[]): string {
  return [`\`\`\`${language}`, ...lines, '```'].join('\n');
}
