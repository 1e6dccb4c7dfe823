import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';

/** llama.cpp's names (`LLM_TENSOR_NAMES` in llama-arch.cpp) of Attune's modules; those of a layer follow its number. */
interface Names {
  readonly outside: Readonly<Record<string, string>>;
  /** What Attune's names of a layer's modules begin with. */
  readonly layers: string;
  readonly inLayer: Readonly<Record<string, string>>;
}

const ofGpt2: Names = {
  outside: { wte: 'token_embd', wpe: 'position_embd', ln_f: 'output_norm', lm_head: 'output' },
  layers: 'h',
  inLayer: {
    ln_1: 'attn_norm',
    'attn.c_attn': 'attn_qkv',
    'attn.c_proj': 'attn_output',
    ln_2: 'ffn_norm',
    'mlp.c_fc': 'ffn_up',
    'mlp.c_proj': 'ffn_down',
  },
};

const ofLlama: Names = {
  outside: { embed_tokens: 'token_embd', norm: 'output_norm', lm_head: 'output' },
  layers: 'layers',
  inLayer: {
    input_layernorm: 'attn_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
    post_attention_layernorm: 'ffn_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
  },
};

/** Norms after attention and after the feed-forward network as well. */
const ofGemma3: Names = {
  ...ofLlama,
  inLayer: {
    ...ofLlama.inLayer,
    post_attention_layernorm: 'post_attention_norm',
    pre_feedforward_layernorm: 'ffn_norm',
    post_feedforward_layernorm: 'post_ffw_norm',
  },
};

const names: Readonly<Record<DecoderConfig['architecture'], Names>> = {
  gpt2: ofGpt2,
  llama: ofLlama,
  mistral: ofLlama,
  qwen2: ofLlama,
  qwen3: ofLlama,
  gemma3_text: ofGemma3,
};

/**
 * llama.cpp's name of a tensor: `blk.0.attn_q.weight` of `layers.0.self_attn.q_proj.weight`. Errors: RangeError for a
 * tensor that the family does not have.
 */
export function ggufName(tensor: string, { architecture }: Pick<DecoderConfig, 'architecture'>): string {
  const { outside, layers, inLayer } = names[architecture];
  const [, module = '', part = ''] = /^(.*)\.(weight|bias)$/.exec(tensor) ?? [];
  const [, layer, inner = ''] = new RegExp(`^${layers}\\.(\\d+)\\.(.*)$`).exec(module) ?? [];
  const name = layer === undefined ? outside[module] : inLayer[inner];
  if (name === undefined) throw new RangeError(`${tensor} has no name in llama.cpp`);
  return layer === undefined ? `${name}.${part}` : `blk.${layer}.${name}.${part}`;
}
