import { describe, expect, it } from 'vitest';
import { parsePeftConfig } from '../../../gpu-worker/hugging-face/peft/peft-config.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';

const plain = { peft_type: 'LORA', task_type: 'SEQ_CLS', r: 4, lora_alpha: 8, target_modules: ['query'] };

/** The problem that a configuration has. */
function problemOf(config: unknown): { code: string; message: string } {
  try {
    parsePeftConfig(typeof config === 'string' ? config : JSON.stringify(config));
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('The configuration was taken.');
}

describe('parsePeftConfig', () => {
  it('takes what PEFT writes, with its defaults where an option is absent', () => {
    const written = {
      ...plain,
      use_dora: false,
      fan_in_fan_out: false,
      layer_replication: null,
      loftq_config: {},
      megatron_core: 'megatron.core',
      qalora_group_size: 16,
      modules_to_save: ['classifier', 'score'],
      layers_to_transform: [0],
      peft_version: '0.21.2',
    };
    expect(parsePeftConfig(JSON.stringify(written))).toMatchObject({ r: 4, lora_alpha: 8, lora_dropout: 0 });
    expect(parsePeftConfig('{"peft_type":"LORA"}')).toMatchObject({ r: 8, lora_alpha: 8, use_rslora: false });
  });

  it.each([
    ['another method', { peft_type: 'LOHA' }, 'LOHA'],
    ['DoRA', { use_dora: true }, 'use_dora: true'],
    ['trained biases', { bias: 'lora_only' }, 'bias: lora_only'],
    ['replicated layers', { layer_replication: [[0, 2]] }, 'layer_replication'],
    ['biases within the adapter', { lora_bias: true }, 'lora_bias'],
    ['a start that changes the base model', { init_lora_weights: 'pissa_niter_4' }, 'pissa'],
    ['a task of another kind', { task_type: 'SEQ_2_SEQ_LM' }, 'SEQ_2_SEQ_LM'],
    ['an option that is not known yet', { quantum_rank: 3 }, 'quantum_rank: 3'],
  ])('refuses %s by name', (_, option, named) => {
    const problem = problemOf({ ...plain, ...option });
    expect(problem.code).toBe('UNSUPPORTED_MODEL');
    expect(problem.message).toContain(named);
  });

  it('says what is wrong in a file that is none', () => {
    expect(problemOf('{').message).toContain('not JSON');
    expect(problemOf('[]').code).toBe('INVALID_MODEL');
    expect(problemOf({ ...plain, lora_alpha: 1e300 }).message).toContain('adapter_config.json, lora_alpha:');
    expect(problemOf({ ...plain, alpha_pattern: { query: 5e-324 } }).message).toContain('alpha_pattern.query:');
    expect(problemOf({ ...plain, r: 0 }).message).toContain('adapter_config.json, r:');
  });
});
