import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import type { OnnxVariant } from '../../../src/protocol/job.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { predictedTokensOf } from '../../../src/protocol/predicts-tokens.js';
import type { ExportForm } from '../export/layout.js';
import { headOutput } from '../export/onnx-function.js';
import { fenced } from '../export/python-code.js';
import { variantNames } from './variants.js';

/** How JavaScript loads what was exported: a fenced block of code, and what must be known about it. */
export function javascriptUsage(
  manifest: ModelManifest,
  form: ExportForm,
  variants: readonly OnnxVariant[],
  readsPairs: boolean,
): string {
  const { imports, lines } = codeOf(manifest, form, readsPairs);
  const code = [
    `import { env, ${imports.join(', ')} } from '@huggingface/transformers';`,
    '',
    'env.allowLocalModels = true; // Browsers take none without it.',
    'env.allowRemoteModels = false;',
    "env.localModelPath = '<where the folder of this model is: a path, or a URL path in a browser>';",
    `const [model, options] = ['<the name of this folder>', { dtype: '${defaultDtype(variants)}' }];`,
    ...lines,
  ];
  return [fenced('js', ...code), '', ...variants.map((variant) => `- ${described(variant)}`), ...limits(manifest)].join(
    '\n',
  );
}

function defaultDtype(variants: readonly OnnxVariant[]): string {
  return variantNames[variants.includes('int8') ? 'int8' : (variants[0] ?? 'float32')].dtype;
}

function described(variant: OnnxVariant): string {
  const { dtype, fileName } = variantNames[variant];
  const file = `\`dtype: '${dtype}'\`, \`onnx/${fileName}\``;
  switch (variant) {
    case 'float32':
      return `${file}: all numbers in float32, as Attune computes`;
    case 'float16':
      return `${file}: matrices and their products in float16, the rest in float32; half the size, for WebGPU`;
    case 'int8':
      return `${file}: matrices in 8 bits, products in integers; a quarter of the size, for WebAssembly and Node`;
    default:
      return variant satisfies never;
  }
}

interface Code {
  readonly imports: readonly string[];
  readonly lines: readonly string[];
}

function codeOf(manifest: ModelManifest, form: ExportForm, readsPairs: boolean): Code {
  const [head] = manifest.heads;
  if (form === 'languageModel') return languageModelCode(manifest);
  if (head === undefined) return pipelineCode('feature-extraction', "await run('a text', { pooling: 'mean' });");
  // transformers.js has classes with a head of encoders alone.
  if (form === 'bare' || traitsOf(manifest.config).isCausal) return outputsCode('AutoModel', manifest, readsPairs);
  return headCode(head, manifest, readsPairs);
}

function languageModelCode(manifest: ModelManifest): Code {
  return predictedTokensOf(manifest) === 'causal'
    ? pipelineCode('text-generation', "await run('The beginning of a text', { max_new_tokens: 40, do_sample: false });")
    : pipelineCode('fill-mask', "await run('A text with a word that is ' + run.tokenizer.mask_token);");
}

function headCode(head: ModelHead, manifest: ModelManifest, readsPairs: boolean): Code {
  const classifier = 'AutoModelForSequenceClassification';
  switch (head.kind) {
    case 'classification':
      if (readsPairs) return outputsCode(classifier, manifest, readsPairs);
      return pipelineCode('text-classification', "await run('a text', { top_k: null });");
    case 'multiLabel': {
      if (readsPairs) return outputsCode(classifier, manifest, readsPairs);
      const thresholds = Object.fromEntries(head.labels.map((label, c) => [label, head.thresholds[c] ?? 0.5]));
      return pipelineCode(
        'text-classification',
        "const given = await run('a text', { top_k: null });",
        `const thresholds = ${JSON.stringify(thresholds)};`,
        'given.filter(({ label, score }) => score >= thresholds[label]);',
      );
    }
    case 'regression':
    case 'reward':
      return outputsCode(classifier, manifest, readsPairs);
    case 'tokenClassification':
      return pipelineCode(
        'token-classification',
        "await run('a text', { ignore_labels: [] }); // A word's tag is that of its first token.",
      );
    default:
      return head satisfies never;
  }
}

function pipelineCode(task: string, ...lines: readonly string[]): Code {
  return { imports: ['pipeline'], lines: [`const run = await pipeline('${task}', model, options);`, ...lines] };
}

function outputsCode(className: string, manifest: ModelManifest, readsPairs: boolean): Code {
  const settings = `${readsPairs ? "text_pair: ['its second text'], " : ''}padding: true, truncation: true`;
  const names = manifest.heads.map(({ task }) => headOutput(manifest, task));
  return {
    imports: ['AutoTokenizer', className],
    lines: [
      'const tokenizer = await AutoTokenizer.from_pretrained(model);',
      `const graph = await ${className}.from_pretrained(model, options);`,
      `const outputs = await graph(tokenizer(['a text'], { ${settings} }));`,
      ...names.map((name) => `outputs[${JSON.stringify(name)}].tolist(); // what it is: heads.json`),
    ],
  };
}

/** What transformers.js does otherwise than Attune. */
function limits({ heads, truncationSide }: ModelManifest): string[] {
  const cut = 'transformers.js cuts a text that is too long after its special tokens are added, and so loses the last.';
  const side = 'It cuts the end of a long text, where Attune cuts the beginning.';
  if (heads.length === 0) return [];
  return ['', truncationSide === 'left' ? `${cut} ${side}` : cut];
}
