import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { type TransformerConfig, traitsOf } from '../../../src/protocol/architectures/index.js';
import { outputNames, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { givesTokenTypes } from '../../../src/protocol/token-types.js';
import { isPoolerTensor } from '../../../src/protocol/trained-layers.js';
import { inference, isTransformer, type TokenInputs } from '../../architectures/encoder-run.js';
import { headInput, headInputs } from '../../architectures/head-input.js';
import { allTokenLogits } from '../../architectures/token-logits.js';
import { tokenStates } from '../../architectures/transformer.js';
import { encode } from '../../architectures/use-lite.js';
import type { ExportInput, ForwardFunction, Tensors } from '../../engine/index.js';
import { outputsOf } from '../../forward/run-heads.js';
import { headOf } from '../../heads/index.js';
import { predictsTokens } from './layout.js';

/** The inputs of an exported graph, under the names that tokenizers of transformers give them. */
export function onnxInputs(manifest: ModelManifest): Record<string, ExportInput> {
  const shape = ['batch', 'sequence'];
  return {
    input_ids: { shape, dtype: 'int32', fileType: 'int64' },
    attention_mask: { shape, dtype: 'float32', fileType: 'int64' },
    ...(hasTypesInput(manifest) ? { token_type_ids: { shape, dtype: 'int32', fileType: 'int64' } as const } : {}),
  };
}

/**
 * Whether the graph takes types of tokens. That of a BERT does even where the tokenizer gives none, as other exporters'
 * graphs of the family do: it is fed zeros then.
 */
function hasTypesInput(manifest: ModelManifest): boolean {
  const { config } = manifest;
  const mayTell = traitsOf(config).givesTokenTypes || givesTokenTypes(manifest);
  return mayTell && 'tokenTypes' in config && config.tokenTypes > 1;
}

/** The name of a head's output: transformers' own where there is only one head. */
export function headOutput({ heads }: ModelManifest, task: string): string {
  return heads.length === 1 ? 'logits' : `logits_${task}`;
}

/**
 * From token ids to the logits of every head: [B,C], of tokens [B,T,C]. A model without heads gives its states:
 * `last_hidden_state` [B,T,H], `pooler_output` [B,H] where it has a pooler, and the `logits` [B,T,V] of tokens, the
 * next or masked ones, where it predicts them; Universal Sentence Encoder Lite its `embedding` [B,O].
 */
export function onnxFunction(manifest: ModelManifest): ForwardFunction {
  const { config, heads, pooling, layers } = manifest;
  return (parameters, inputs) => {
    const tokens: TokenInputs = {
      ids: inputs.input_ids as Tensor,
      mask: inputs.attention_mask as Tensor,
      typeIds: inputs.token_type_ids,
    };
    const [B = 0, T = 0] = tokens.ids.shape;
    if (heads.length > 0) {
      const needs = { pooled: heads.some((head) => !readsTokens(head)), tokens: heads.some(readsTokens) };
      const read = headInputs(parameters, tokens, config, pooling, needs, inference);
      return Object.fromEntries(
        heads.map((head) => {
          const logits = outputsOf(parameters, headOf(head), read); //                     [B,C] or [B·T,C]
          const C = outputNames(head).length;
          return [headOutput(manifest, head.task), readsTokens(head) ? reshape(logits, [B, T, C]) : logits];
        }),
      );
    }
    if (!isTransformer(config)) return { embedding: encode(parameters, tokens, config).output };
    const states = reshape(tokenStates(parameters, tokens, config, inference), [B, T, config.hiddenSize]);
    // What a pooler gives is an output of its own where it is made of the first token.
    const { poolsAll = false } = traitsOf(config);
    const hasPooler = !poolsAll && layers.some(({ tensors }) => tensors.some(isPoolerTensor));
    return {
      last_hidden_state: states,
      ...(predictsTokens({ config, layers }) ? { logits: logitsOfTokens(parameters, states, config) } : {}),
      ...(hasPooler ? { pooler_output: headInput(parameters, tokens, config, 'firstToken', inference) } : {}),
    };
  };
}

/** Logits of the token that follows each, or that stands at each: states [B,T,H] → [B,T,V]. */
function logitsOfTokens(parameters: Tensors, states: Tensor, config: TransformerConfig): Tensor {
  const [B = 0, T = 0, H = 0] = states.shape;
  return reshape(allTokenLogits(parameters, reshape(states, [B * T, H]), config), [B, T, config.vocabularySize]);
}
