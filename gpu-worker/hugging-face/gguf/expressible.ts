import type { DecoderConfig, TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import { ProblemError } from '../../problem-error.js';
import { predictsTokens } from '../export/layout.js';
import { familyOf } from '../families/index.js';

/**
 * The configuration of a model that llama.cpp computes as Attune does. Errors: ProblemError UNSUPPORTED_EXPORT for
 * models with heads, for those that do not predict the next token, and for what llama.cpp lacks in a family.
 */
export function requireExpressible(manifest: ModelManifest, config: TransformerConfig): DecoderConfig {
  const { title } = familyOf(config.architecture);
  if (!isDecoder(config))
    throw unsupportedGguf(`GGUF is written of models that predict the next token; this is ${title}`);
  if (manifest.heads.length > 0) throw unsupportedGguf('llama.cpp has no heads for tasks, and the model has some');
  if (!predictsTokens(manifest)) {
    throw unsupportedGguf('the model was taken in without what predicts the next token', null);
  }
  const missing = missingIn(config);
  if (missing.length > 0) throw unsupportedGguf(`llama.cpp has not for ${title}: ${missing.join('; ')}`);
  return config;
}

export function unsupportedGguf(
  message: string,
  hint: string | null = 'Export it as HUGGING_FACE or ONNX.',
): ProblemError {
  return new ProblemError({ path: ['format'], code: 'UNSUPPORTED_EXPORT', message, hint });
}

/** What of a configuration llama.cpp would leave out silently, or refuse to load. */
function missingIn(config: DecoderConfig): string[] {
  if (config.architecture === 'gpt2') {
    return config.activation === 'gelu_new' ? [] : [`the activation ${config.activation} (its own is gelu_new)`];
  }
  const { attentionHeads, headSize, hiddenSize, rotaryScaling, attentionBias } = config;
  const isLlama = config.architecture === 'llama' || config.architecture === 'mistral';
  const scalings = [
    'none',
    'linear',
    ...(isLlama ? ['llama3'] : []),
    ...(config.architecture === 'gemma3_text' ? [] : ['yarn']),
  ];
  return [
    ...(scalings.includes(rotaryScaling.kind) ? [] : [`rotary positions scaled as ${rotaryScaling.kind}`]),
    ...(rotaryScaling.kind === 'yarn' && !rotaryScaling.truncates ? ['yarn without rounded bounds'] : []),
    ...(config.architecture === 'qwen2' && attentionHeads * headSize !== hiddenSize
      ? [`heads that are ${attentionHeads * headSize} wide together, where the model is ${hiddenSize} wide`]
      : []),
    ...(config.architecture === 'qwen3' || config.architecture === 'gemma3_text'
      ? attentionBias
        ? ['biases of attention’s projections']
        : []
      : []),
  ];
}
