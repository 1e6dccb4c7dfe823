import { z } from 'zod';
import { ProblemError } from '../../problem-error.js';

/** Wide bounds around what anyone trains with: within them no scale overflows, or becomes zero. */
const Alpha = z.number().min(1e-6).max(1e6);

/**
 * The options of PEFT's `adapter_config.json` (peft 0.21, `LoraConfig`) that mean something here; PEFT's defaults where
 * one is absent.
 */
export const PeftConfig = z.looseObject({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  r: z.number().int().positive().default(8),
  lora_alpha: Alpha.default(8),
  lora_dropout: z.number().min(0).lt(1).default(0),
  use_rslora: z.boolean().default(false),
  /** Whether the adapted matrices are stored [inputs, outputs]: a fact of the base model. */
  fan_in_fan_out: z.boolean().default(false),
  target_modules: z.union([z.string(), z.array(z.string())]).nullish(),
  /**
   * Rank and alpha of single modules, by patterns that a module's name must end with. Attune takes the ranks from the
   * shapes of the tensors.
   */
  rank_pattern: z.record(z.string(), z.number().int().positive()).nullish(),
  alpha_pattern: z.record(z.string(), Alpha).nullish(),
  bias: z.string().default('none'),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
});
export type PeftConfig = z.infer<typeof PeftConfig>;

/**
 * Options that change nothing of what a stored adapter computes: where it came from, and how it was initialized and
 * trained. Which modules it adapts, its tensors tell.
 */
const harmless: ReadonlySet<string> = new Set([
  ...Object.keys(PeftConfig.shape),
  'auto_mapping',
  'base_model_name_or_path',
  'ensure_weight_tying',
  'eva_config',
  'exclude_modules',
  'inference_mode',
  'layers_pattern',
  'layers_to_transform',
  'megatron_core',
  'modules_to_save',
  'peft_version',
  'qalora_group_size',
  'revision',
  'runtime_config',
]);

/**
 * Ways to initialize an adapter that leave the base model's weights as they are. The others (PiSSA, OLoRA, CorDA,
 * LoftQ …) change them, so that the adapter fits the changed base model alone.
 */
const plainStarts: ReadonlySet<string> = new Set(['gaussian', 'orthogonal', 'eva']);

/**
 * Tasks whose heads Attune knows how to read: their tensors tell what they compute. Other tasks read the encoder in
 * ways that Attune does not know.
 */
const knownTasks: ReadonlySet<string> = new Set(['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION', 'CAUSAL_LM']);

/**
 * Reads `adapter_config.json`. Errors: ProblemError INVALID_MODEL (not such a file), UNSUPPORTED_MODEL (an option that
 * Attune does not know, by name).
 */
export function parsePeftConfig(json: string): PeftConfig {
  const config = readConfig(json);
  if (config.peft_type !== 'LORA')
    throw unsupported(`its type is ${config.peft_type}`, 'Of PEFT’s methods only LoRA is supported.');
  if (typeof config.task_type === 'string' && !knownTasks.has(config.task_type)) {
    throw unsupported(`it is for the task ${config.task_type}`, `Supported are ${[...knownTasks].join(', ')}.`);
  }
  if (config.bias !== 'none')
    throw unsupported(
      `its biases were trained too (bias: ${config.bias})`,
      'Merge it in PEFT, and import the whole model.',
    );
  if (typeof config.init_lora_weights === 'string' && !plainStarts.has(config.init_lora_weights)) {
    throw unsupported(
      `it was initialized by ${config.init_lora_weights}, which changes the base model too`,
      'Convert it in PEFT (path_initial_model_for_weight_conversion), or merge it there and import the whole model.',
    );
  }
  const strange = Object.entries(config).filter(([option, value]) => !harmless.has(option) && !isNeutral(value));
  if (strange.length > 0) {
    const named = strange.map(([option, value]) => `${option}: ${JSON.stringify(value).slice(0, 40)}`).join(', ');
    throw unsupported(`it uses ${named}`, 'Merge it in PEFT (merge_and_unload), and import the whole model.');
  }
  return config;
}

function readConfig(json: string): PeftConfig {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw invalidAdapter('its adapter_config.json is not JSON', error);
  }
  const parsed = PeftConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidAdapter(
    `adapter_config.json, ${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`,
    parsed.error,
  );
}

/** Whether a value means that an option is not used: null, false or empty. */
function isNeutral(value: unknown): boolean {
  return (
    value === null || value === false || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

export function unsupported(why: string, hint: string | null): ProblemError {
  return new ProblemError({
    path: ['source'],
    code: 'UNSUPPORTED_MODEL',
    message: `the adapter cannot be used: ${why}`,
    hint,
  });
}

export function invalidAdapter(why: string, cause?: unknown): ProblemError {
  return new ProblemError(
    { path: ['source'], code: 'INVALID_MODEL', message: `the adapter cannot be read: ${why}`, hint: null },
    { cause },
  );
}
