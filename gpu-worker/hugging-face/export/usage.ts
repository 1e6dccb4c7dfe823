import { type ModelHead, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isPoolerTensor } from '../../../src/protocol/trained-layers.js';
import type { EncoderConfig } from '../../architectures/encoder-run.js';
import type { TransformersFamily } from '../families/family.js';
import { familyOf } from '../families/index.js';
import { headsFile } from '../head-notes.js';
import type { ExportLayout } from './layout.js';
import { pipelineUsage } from './pipeline-usage.js';
import { fenced, python } from './python-code.js';

type AnyFamily = TransformersFamily<EncoderConfig>;

/** How Python loads what was exported. */
export function transformersUsage(
  manifest: ModelManifest,
  { architecture }: EncoderConfig,
  { form, beside }: ExportLayout,
): string {
  const { heads } = manifest;
  const family = familyOf(architecture);
  const [first] = heads;
  if (form !== 'bare' && first !== undefined) return pipelineUsage(first, manifest.maxLength);
  const loading = [
    'tokenizer = AutoTokenizer.from_pretrained("<this folder>")',
    `model = AutoModel.from_pretrained("<this folder>"${poolerOption(manifest, family)})`,
  ];
  if (first === undefined) return fenced('python', 'from transformers import AutoModel, AutoTokenizer', '', ...loading);
  const isBeside = beside.some(isPoolerTensor);
  return [
    `transformers has no class for these heads: the bare model is in \`model.safetensors\`, they are in \`${headsFile}\`, as \`heads.<task>.weight\` and \`heads.<task>.bias\`.`,
    '',
    fenced(
      'python',
      'import torch',
      'from safetensors.torch import load_file',
      'from transformers import AutoModel, AutoTokenizer',
      '',
      ...loading,
      `heads = load_file("<this folder>/${headsFile}")`,
      '',
      `inputs = tokenizer(["a text"], return_tensors="pt", truncation=True${maxLength(manifest)})`,
      'with torch.no_grad():',
      '    output = model(**inputs)',
      'states = output.last_hidden_state',
      ...(heads.every(readsTokens) ? [] : vectorOf(manifest, family, isBeside)),
      ...exampleHeads(heads).flatMap((head) => logitsOf(head, head === first ? 'logits' : `logits_${head.kind}`)),
    ),
  ].join('\n');
}

/** The first head of each kind. */
function exampleHeads(heads: readonly ModelHead[]): ModelHead[] {
  return heads.filter(({ kind }, index) => heads.findIndex((other) => other.kind === kind) === index);
}

/**
 * Lines that compute a head's logits, of a text or of each of its tokens, and then what the head's kind makes of them.
 */
function logitsOf(head: ModelHead, name: string): string[] {
  const { task, kind } = head;
  const read = readsTokens(head) ? 'states' : 'vector';
  const logits = `${name} = ${read} @ heads["heads.${task}.weight"].T + heads["heads.${task}.bias"]`;
  switch (kind) {
    case 'classification':
      return [logits];
    case 'multiLabel':
      return [logits, `is_predicted = ${name}.sigmoid() >= torch.tensor(${python(head.thresholds)})`];
    case 'regression':
      return [`${logits}  # numbers in the unit of the training data`];
    case 'tokenClassification':
      return [`${logits}  # [batch, tokens, tags]; a word's tag is that of its first token`];
    default:
      return head satisfies never;
  }
}

/** What heads of whole texts read. @param isBeside whether the pooler is in the file of the heads */
function vectorOf({ pooling }: ModelManifest, { poolerActivation }: AnyFamily, isBeside: boolean): string[] {
  if (pooling === 'mean') {
    return ['mask = inputs["attention_mask"].unsqueeze(-1)', 'vector = (states * mask).sum(1) / mask.sum(1)'];
  }
  if (!isBeside) return ['vector = output.pooler_output'];
  return [
    `vector = torch.${poolerActivation}(states[:, 0] @ heads["pooler.dense.weight"].T + heads["pooler.dense.bias"])`,
  ];
}

/** Keeps transformers from making a pooler of random weights, which nothing reads and which it warns of. */
function poolerOption({ layers }: ModelManifest, { bareModelPooler }: AnyFamily): string {
  const hasPooler = layers.some(({ tensors }) => tensors.some(isPoolerTensor));
  const isMade = bareModelPooler === 'unused' || (bareModelPooler === 'ofClassifier' && !hasPooler);
  return isMade ? ', add_pooling_layer=False' : '';
}

function maxLength({ maxLength }: ModelManifest): string {
  return maxLength === null ? '' : `, max_length=${maxLength}`;
}
