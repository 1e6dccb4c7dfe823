import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import {
  type AdaptableModule,
  adaptableModules,
  TargetPatternError,
  targetedNames,
} from '../../../src/protocol/lora-targets.js';
import type { LoraConfig, ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isPoolerTensor } from '../../../src/protocol/trained-layers.js';
import type { Tensor } from '../../../src/storage/safetensors.js';
import { loraScale, loraTensors, moduleOfLoraTensor } from '../../adapters/lora-parameters.js';
import { fromPeftTargets, nameTargets } from '../../adapters/name-targets.js';
import { invalidAdapter, type PeftConfig, unsupported } from './peft-config.js';
import { fromPeftName } from './peft-names.js';
import type { PeftFolder, StoredTensor } from './read-peft.js';

const maxRank = 1024;
/** Names that a message lists. */
const shownNames = 6;

/** An adapter as Attune keeps it, with one rank and one scale for all modules. Its weights are not read yet. */
export interface MatchedAdapter {
  readonly config: LoraConfig;
  /** Shapes of the matrices of all modules, and of what is kept in full: heads and a pooler. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Reads all tensors. Errors: ProblemError INVALID_MODEL for numbers that are not finite. */
  read(): Promise<Map<string, Tensor>>;
}

/** One module's matrices, and the alpha it was trained with. */
interface Part {
  readonly module: AdaptableModule;
  readonly a: StoredTensor;
  readonly b: StoredTensor;
  readonly alpha: number;
}

/**
 * Checks an adapter's matrices against the model it is for, from the headers of its files alone. Modules of different
 * rank or alpha are brought to one rank and alpha and compute what they computed: matrices of a smaller rank are filled
 * with zeros in both a and b, so that gradients there are zero too, and b is multiplied by a factor.
 *
 * Errors: ProblemError INVALID_MODEL (missing, extra or misshapen matrices, by name), UNSUPPORTED_MODEL.
 *
 * @param task the task of the head
 */
export function matchAdapter(
  { config, tensors, heads }: Pick<PeftFolder, 'config' | 'tensors' | 'heads'>,
  base: Pick<ModelManifest, 'layers'> & { readonly config: TransformerConfig },
  task: string,
): MatchedAdapter {
  const family = base.config.architecture;
  const { storesInputsFirst, isCausal } = traitsOf(base.config);
  if (config.task_type === 'CAUSAL_LM' && !isCausal) {
    throw unsupported('it is for the task CAUSAL_LM', 'Its base model reads texts in both directions.');
  }
  if (config.fan_in_fan_out && !storesInputsFirst) {
    throw unsupported('it uses fan_in_fan_out: true', 'Its base model stores matrices the other way round.');
  }
  const modules = new Map(adaptableModules(base).map((module) => [module.name, module]));
  const lora = new Map<string, StoredTensor>();
  const whole = new Map(heads);
  const strange: string[] = [];
  const form = config.task_type === 'TOKEN_CLS' ? 'tokenClassifier' : 'textClassifier';
  const theirNames = new Map<string, string>();
  for (const [name, tensor] of tensors) {
    const own = fromPeftName(family, form, name, task);
    const module = moduleOfLoraTensor(own)?.module;
    if (module !== undefined && modules.has(module)) {
      lora.set(own, tensor);
      theirNames.set(module, name.replace(/^base_model\.model\./, '').replace(/\.lora_[AB]\.weight$/, ''));
    } else if (own.startsWith(`heads.${task}.`) || isPoolerTensor({ name: own })) whole.set(own, tensor);
    else strange.push(name);
  }
  if (strange.length > 0) {
    throw invalidAdapter(
      `the base model has no place for ${strange.slice(0, shownNames).join(', ')}${strange.length > shownNames ? ` and ${strange.length - shownNames} more` : ''}`,
    );
  }
  if (theirNames.size === 0) throw invalidAdapter('its file holds no matrices of an adapter');
  const parts = [...theirNames].map(([name, theirs]) => partOf(modules.get(name)!, theirs, lora, config));
  const common = uniform(config, parts);
  const wanted = new Set(theirNames.keys());
  const shapes = new Map([...whole].map(([name, { shape }]) => [name, shape]));
  for (const { module } of parts) {
    const names = loraTensors(module.name);
    shapes.set(names.a, [common.rank, module.inputs]).set(names.b, [module.outputs, common.rank]);
  }
  const targetModules = nameTargets([...modules.keys()], wanted, fromPeftTargets(config.target_modules));
  return {
    config: { ...common, targetModules },
    shapes,
    async read() {
      const read = new Map<string, Tensor>();
      for (const [name, tensor] of whole) read.set(name, { shape: tensor.shape, data: await finite(name, tensor) });
      for (const part of parts) {
        for (const [name, tensor] of await matrices(part, common)) read.set(name, tensor);
      }
      return read;
    },
  };
}

/** The matrices of one module, their shapes checked. */
function partOf(
  module: AdaptableModule,
  theirs: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  config: PeftConfig,
): Part {
  const names = loraTensors(module.name);
  const [a, b] = [tensors.get(names.a), tensors.get(names.b)];
  if (a === undefined || b === undefined) throw invalidAdapter(`${a === undefined ? names.a : names.b} is missing`);
  const rank = a.shape[0] ?? 0;
  for (const [name, tensor, shape] of [
    [names.a, a, [rank, module.inputs]],
    [names.b, b, [module.outputs, rank]],
  ] as const) {
    if (tensor.shape.join() !== shape.join() || rank === 0) {
      throw invalidAdapter(`${name} is [${tensor.shape}] where the base model needs [${shape}]`);
    }
  }
  if (rank > maxRank) throw unsupported(`its rank is ${rank}`, `At most ${maxRank} is supported.`);
  return { module, a, b, alpha: alphaOf(theirs, config) };
}

/** A module's alpha, by PEFT's rule: that of the first pattern that the module's name in PEFT ends with. */
function alphaOf(theirs: string, { alpha_pattern, lora_alpha }: PeftConfig): number {
  for (const [pattern, alpha] of Object.entries(alpha_pattern ?? {})) {
    try {
      if (targetedNames([theirs], [`regex:(?:.*\\.)?(?:${pattern})`]).length > 0) return alpha;
    } catch (error) {
      if (!(error instanceof TargetPatternError)) throw error;
      throw unsupported(`its alpha_pattern has ${pattern}`, error.message);
    }
  }
  return lora_alpha;
}

/** One rank and alpha for all modules: the largest rank, and the alpha with which the first module keeps its scale. */
function uniform({ lora_dropout, use_rslora }: PeftConfig, parts: readonly Part[]): Omit<LoraConfig, 'targetModules'> {
  const ranks = parts.map(({ a }) => a.shape[0]!);
  const rank = Math.max(...ranks);
  const [first] = parts;
  const shared = { rankStabilized: use_rslora, dropout: lora_dropout };
  const ownScale = loraScale({ ...shared, rank: ranks[0]!, alpha: first!.alpha, targetModules: [] });
  const alpha = rank === ranks[0] ? first!.alpha : ownScale * (use_rslora ? Math.sqrt(rank) : rank);
  return { ...shared, rank, alpha };
}

/** A module's matrices, of the common rank and for the common scale. */
async function matrices(
  { module, a, b, alpha }: Part,
  common: Omit<LoraConfig, 'targetModules'>,
): Promise<[string, Tensor][]> {
  const names = loraTensors(module.name);
  const { rank } = common;
  const [down, up] = [await finite(names.a, a), await finite(names.b, b)];
  const ownRank = a.shape[0]!;
  const ownScale = loraScale({ ...common, rank: ownRank, alpha, targetModules: [] });
  const factor = ownScale / loraScale({ ...common, targetModules: [] });
  const wideDown = new Float32Array(rank * module.inputs);
  wideDown.set(down);
  const wideUp = new Float32Array(module.outputs * rank);
  for (let row = 0; row < module.outputs; row++) {
    for (let column = 0; column < ownRank; column++) {
      wideUp[row * rank + column] = up[row * ownRank + column]! * factor;
    }
  }
  refuseNonFinite(names.b, wideUp);
  return [
    [names.a, { shape: [rank, module.inputs], data: wideDown }],
    [names.b, { shape: [module.outputs, rank], data: wideUp }],
  ];
}

async function finite(name: string, tensor: StoredTensor): Promise<Float32Array> {
  const values = await tensor.read();
  refuseNonFinite(name, values);
  return values;
}

function refuseNonFinite(name: string, values: Float32Array): void {
  if (!values.every(Number.isFinite)) throw invalidAdapter(`${name} holds numbers that are not finite`);
}
