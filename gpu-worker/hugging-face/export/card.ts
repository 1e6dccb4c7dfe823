import { outputNames } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';

export interface CardFacts {
  readonly manifest: ModelManifest;
  readonly modelDigest: string;
  /** How the files are loaded: a fenced block of code, and what must be known about it. */
  readonly usage: string;
  /** Front matter of the hub. */
  readonly library: 'transformers' | 'sentence-transformers' | 'onnx';
  /** Whether the model card of the model it came from is among the files. */
  readonly hasBaseCard: boolean;
}

export const baseCardFile = 'BASE_MODEL_README.md';

/** The `README.md` of an export: what the model is, where it comes from, how it is loaded. */
export function modelCard({ manifest, modelDigest, usage, library, hasBaseCard }: CardFacts): string {
  const { config, heads, pooling, maxLength, contextLength, truncationSide, licence, adapter } = manifest;
  const frontMatter = [
    '---',
    ...(licence === 'unknown' ? [] : [`license: ${JSON.stringify(licence)}`]),
    `library_name: ${library}`,
    ...(heads.length > 0 ? ['pipeline_tag: text-classification'] : []),
    'tags:',
    '- attune',
    '---',
  ];
  const side = truncationSide === 'left' ? 'beginning' : 'end';
  const facts = [
    `architecture: ${config.architecture}, ${manifest.parameterCount.toLocaleString('en')} parameters, float32`,
    maxLength === null
      ? `reads up to ${contextLength} tokens`
      : `trained on texts cut to ${maxLength} tokens (reads up to ${contextLength}); the ${side} of a longer text is cut off`,
    ...(heads.length > 0 ? [`heads read ${readBy(manifest, pooling)}`] : []),
    ...(adapter === null
      ? []
      : [`a low-rank adapter (rank ${adapter.config.rank}, alpha ${adapter.config.alpha}) is merged into the weights`]),
    `exported from Attune's model \`${modelDigest}\` (weights \`${manifest.weights.digest}\`)`,
    ...(hasBaseCard ? [`what is known of the model it started from: ${baseCardFile}`] : []),
  ];
  const labels = heads.map(
    (head) =>
      `- \`${head.task}\`: ${outputNames(head)
        .map((label) => `\`${label}\``)
        .join(', ')}`,
  );
  return [
    ...frontMatter,
    '',
    heads.length > 0 ? '# A text classifier trained with Attune' : '# An encoder kept in Attune',
    '',
    ...facts.map((fact) => `- ${fact}`),
    ...(labels.length > 0 ? ['', '## Labels', '', 'In the order of the logits.', '', ...labels] : []),
    '',
    '## Use',
    '',
    usage,
    '',
  ].join('\n');
}

function readBy({ config }: ModelManifest, pooling: ModelManifest['pooling']): string {
  if (config.architecture === 'use-lite') return 'the encoder’s own pooled output';
  return pooling === 'mean' ? 'the mean over tokens' : 'the first token, through the pooler';
}
