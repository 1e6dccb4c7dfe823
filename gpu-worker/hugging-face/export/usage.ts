import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { headHasBias, traitsOf } from '../../../src/protocol/architectures/index.js';
import { type ModelHead, outputNames, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isPoolerTensor, poolerModule, poolerNorm } from '../../../src/protocol/trained-layers.js';
import type { TransformersFamily } from '../families/family.js';
import { familyOf } from '../families/index.js';
import { headsFile } from '../head-notes.js';
import type { ExportLayout } from './layout.js';
import { pipelineUsage } from './pipeline-usage.js';
import { fenced, python } from './python-code.js';
import { transformerFolder } from './sentence-transformers.js';

type AnyFamily = TransformersFamily<TransformerConfig>;

/** How Python loads what was exported. */
export function transformersUsage(
  manifest: ModelManifest,
  { architecture }: TransformerConfig,
  { form, beside }: ExportLayout,
  readsPairs: boolean,
): string {
  const { heads } = manifest;
  const family = familyOf(architecture);
  const [first] = heads;
  if (form === 'languageModel') return languageModelUsage(family);
  if (form !== 'bare' && first !== undefined) return pipelineUsage(first, manifest.maxLength, readsPairs);
  const folder = first === undefined ? '<this folder>' : `<this folder>/${transformerFolder}`;
  const loading = [
    `tokenizer = AutoTokenizer.from_pretrained("${folder}")`,
    `model = AutoModel.from_pretrained("${folder}"${poolerOption(manifest, family)})`,
  ];
  if (first === undefined) return fenced('python', 'from transformers import AutoModel, AutoTokenizer', '', ...loading);
  const isBeside = beside.some(isPoolerTensor);
  const ofTexts = heads.filter((head) => !readsTokens(head));
  return [
    `No class of transformers has these heads, so \`AutoModelForSequenceClassification\` does not load this folder: it would put a head of random weights on the model. The bare model is in \`${transformerFolder}\`, its heads are in \`${transformerFolder}/${headsFile}\`, as \`heads.<task>.weight\` and \`heads.<task>.bias\`.`,
    '',
    fenced(
      'python',
      'import torch',
      'from safetensors.torch import load_file',
      'from transformers import AutoModel, AutoTokenizer',
      '',
      ...loading,
      `heads = load_file("${folder}/${headsFile}")`,
      '',
      ...headsCode(manifest, family, isBeside, readsPairs),
    ),
    ...(ofTexts.length === 0
      ? []
      : ['', ...sentenceTransformersUsage(ofTexts, ofTexts.length < heads.length, readsPairs)]),
  ].join('\n');
}

/**
 * From `tokenizer`, `model` and `heads` to the logits of a text.
 *
 * @param isPoolerBeside whether the pooler is among `heads`, not in the model
 */
export function headsCode(
  manifest: ModelManifest,
  family: AnyFamily,
  isPoolerBeside: boolean,
  readsPairs: boolean,
): string[] {
  const { heads } = manifest;
  const nameOf = (head: ModelHead) => (head === heads[0] ? 'logits' : `logits_${head.kind}`);
  return [
    `inputs = tokenizer(["a text"], ${readsPairs ? '["its second text"], ' : ''}return_tensors="pt", truncation=True${maxLength(manifest)})`,
    'with torch.no_grad():',
    '    output = model(**inputs)',
    'states = output.last_hidden_state',
    ...poolerCode(manifest, family),
    ...(heads.every(readsTokens) ? [] : vectorOf(manifest, family, isPoolerBeside)),
    ...exampleHeads(heads).flatMap((head) => logitsOf(head, nameOf(head), manifest.config)),
  ];
}

/** A model that predicts the next token, or masked ones. */
function languageModelUsage({ tokenPredictor }: AnyFamily): string {
  const auto = tokenPredictor === undefined ? 'AutoModelForCausalLM' : 'AutoModelForMaskedLM';
  return fenced(
    'python',
    `from transformers import ${auto}, AutoTokenizer`,
    '',
    'tokenizer = AutoTokenizer.from_pretrained("<this folder>")',
    `model = ${auto}.from_pretrained("<this folder>")`,
  );
}

/** What sentence-transformers makes of a text: the outputs of each head of texts, by their names. */
function sentenceTransformersUsage(heads: readonly ModelHead[], areOthers: boolean, readsPairs: boolean): string[] {
  let start = 0;
  const lines = heads.map((head) => {
    const names = outputNames(head);
    const end = start + names.length;
    const outputs = `outputs[0, ${start}:${end}]${functionOf(head)}`;
    start = end;
    return `    ${JSON.stringify(head.task)}: dict(zip(${JSON.stringify(names)}, ${outputs}.tolist())),`;
  });
  return [
    `sentence-transformers gives the outputs of ${areOthers ? 'the heads of whole texts' : 'all heads'}, one head after the other:`,
    '',
    fenced(
      'python',
      'from sentence_transformers import SentenceTransformer',
      '',
      'model = SentenceTransformer("<this folder>")',
      `outputs = model.encode([${readsPairs ? '("a text", "its second text")' : '"a text"'}], convert_to_tensor=True)`,
      'said = {',
      ...lines,
      '}',
      'said',
    ),
  ];
}

/** What makes probabilities of outputs; of numbers nothing. */
function functionOf({ kind }: ModelHead): string {
  switch (kind) {
    case 'classification':
    case 'tokenClassification':
      return '.softmax(-1)';
    case 'multiLabel':
      return '.sigmoid()';
    case 'regression':
    case 'reward':
      return '';
    default:
      return kind satisfies never;
  }
}

/** The first head of each kind. */
function exampleHeads(heads: readonly ModelHead[]): ModelHead[] {
  return heads.filter(({ kind }, index) => heads.findIndex((other) => other.kind === kind) === index);
}

/**
 * Lines that compute a head's logits, of a text or of each of its tokens, and then what the head's kind makes of them.
 */
function logitsOf(head: ModelHead, name: string, config: ModelManifest['config']): string[] {
  const { task, kind } = head;
  const states = traitsOf(config).poolsAll === true ? 'pool(states)' : 'states';
  const read = readsTokens(head) ? states : 'vector';
  const bias = headHasBias(config, head) ? ` + heads["heads.${task}.bias"]` : '';
  const logits = `${name} = ${read} @ heads["heads.${task}.weight"].T${bias}`;
  switch (kind) {
    case 'classification':
      return [logits];
    case 'multiLabel':
      return [logits, `is_predicted = ${name}.sigmoid() >= torch.tensor(${python(head.thresholds)})`];
    case 'regression':
      return [`${logits}  # numbers in the unit of the training data`];
    case 'reward':
      return [`${logits}  # higher for better answers`];
    case 'tokenClassification':
      return [`${logits}  # [batch, tokens, tags]; a word's tag is that of its first token`];
    default:
      return head satisfies never;
  }
}

/** The pooler as a function, where all heads read through it. */
function poolerCode({ config }: ModelManifest, { poolerActivation }: AnyFamily): string[] {
  if (config.architecture !== 'modernbert') return [];
  const optional = (name: string, has: boolean) => (has ? `heads["${name}"]` : 'None');
  return [
    'def pool(read):',
    `    wide = torch.nn.functional.linear(read, heads["${poolerModule}.weight"], ${optional(`${poolerModule}.bias`, config.poolerBias)})`,
    `    return torch.nn.functional.layer_norm(torch.nn.functional.${poolerActivation}(wide), wide.shape[-1:], heads["${poolerNorm}.weight"], ${optional(`${poolerNorm}.bias`, config.normBias)}, ${config.layerNormEpsilon})`,
  ];
}

/** What heads of whole texts read. @param isBeside whether the pooler is in the file of the heads */
function vectorOf({ pooling, config }: ModelManifest, { poolerActivation }: AnyFamily, isBeside: boolean): string[] {
  const { poolsAll = false } = traitsOf(config);
  if (pooling === 'mean') {
    const mean = '(states * mask).sum(1) / mask.sum(1)';
    return ['mask = inputs["attention_mask"].unsqueeze(-1)', `vector = ${poolsAll ? `pool(${mean})` : mean}`];
  }
  if (poolsAll) return ['vector = pool(states[:, 0])'];
  if (pooling === 'lastToken') {
    return ['last = inputs["attention_mask"].sum(1) - 1', 'vector = states[torch.arange(len(states)), last]'];
  }
  if (!isBeside) return ['vector = output.pooler_output'];
  return [
    `vector = ${poolerActivation === 'gelu' ? 'torch.nn.functional' : 'torch'}.${poolerActivation}(states[:, 0] @ heads["pooler.dense.weight"].T + heads["pooler.dense.bias"])`,
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
