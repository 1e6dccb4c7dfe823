import { traitsOf } from '../../../src/protocol/architectures/index.js';
import { readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { predictedTokensOf } from '../../../src/protocol/predicts-tokens.js';
import { cardTitle, describeHead, pipelineTag } from './card-heads.js';

export interface CardFacts {
  readonly manifest: ModelManifest;
  readonly modelDigest: string;
  /** Whether the model was trained on pairs of texts. */
  readonly readsPairs: boolean;
  /** How the files are loaded: a fenced block of code, and what must be known about it. */
  readonly usage: string;
  /** Front matter of the hub. */
  readonly library: 'transformers' | 'sentence-transformers' | 'onnx' | 'transformers.js' | 'gguf';
  /** What its numbers are stored as; absent: float32. */
  readonly numbers?: string;
  /** Whether the card of the model that training started from is among the files. */
  readonly hasBaseCard: boolean;
}

export const baseCardFile = 'BASE_MODEL_README.md';

/** The `README.md` of an export: what the model is, where it comes from, how it is loaded. */
export function modelCard(facts: CardFacts): string {
  const { manifest, modelDigest, readsPairs, usage, library, numbers = 'float32', hasBaseCard } = facts;
  const { config, heads, pooling, maxLength, contextLength, truncationSide, licence, adapter } = manifest;
  const predicts = predictedTokensOf(manifest);
  const tag = pipelineTag(heads, predicts);
  const frontMatter = [
    '---',
    ...(licence === 'unknown' ? [] : [`license: ${JSON.stringify(licence)}`]),
    `library_name: ${library}`,
    ...(tag === null ? [] : [`pipeline_tag: ${tag}`]),
    'tags:',
    '- attune',
    '---',
  ];
  const side = truncationSide === 'left' ? 'beginning' : 'end';
  const trained =
    predicts === null
      ? `trained on texts cut to ${maxLength} tokens (reads up to ${contextLength}); the ${side} of a longer text is cut off`
      : `trained on at most ${maxLength} tokens at a time (reads up to ${contextLength})`;
  const said = [
    `architecture: ${config.architecture}, ${manifest.parameterCount.toLocaleString('en')} parameters, ${numbers}`,
    maxLength === null ? `reads up to ${contextLength} tokens` : trained,
    ...(readsPairs ? ['trained on pairs of texts: it needs both texts of a pair'] : []),
    ...(heads.length > 0 ? [`heads read ${readBy(manifest, pooling)}`] : []),
    ...(adapter === null
      ? []
      : [`a low-rank adapter (rank ${adapter.config.rank}, alpha ${adapter.config.alpha}) is merged into the weights`]),
    `exported from Attune's model \`${modelDigest}\` (weights \`${manifest.weights.digest}\`)`,
    ...(hasBaseCard ? [`what is known of the model it started from: ${baseCardFile}`] : []),
  ];
  return [
    ...frontMatter,
    '',
    `# ${cardTitle(heads, predicts)}`,
    '',
    ...said.map((fact) => `- ${fact}`),
    ...(heads.length > 0 ? ['', '## Labels', '', 'In the order of the logits.', '', ...heads.map(describeHead)] : []),
    '',
    '## Use',
    '',
    usage,
    '',
  ].join('\n');
}

function readBy({ config, heads }: ModelManifest, pooling: ModelManifest['pooling']): string {
  const ofTokens = heads.some(readsTokens) ? ['the state of every token'] : [];
  const ofTexts = heads.every(readsTokens) ? [] : [readOfTexts(config, pooling)];
  return [...ofTexts, ...ofTokens].join(', or ');
}

function readOfTexts(config: ModelManifest['config'], pooling: ModelManifest['pooling']): string {
  if (traitsOf(config).hasOwnPooler) return 'the encoder’s own pooled output';
  switch (pooling ?? traitsOf(config).defaultPooling) {
    case 'mean':
      return `the mean over tokens${traitsOf(config).poolsAll === true ? ', through the pooler' : ''}`;
    case 'lastToken':
      return 'the last token';
    default:
      return 'the first token, through the pooler';
  }
}
