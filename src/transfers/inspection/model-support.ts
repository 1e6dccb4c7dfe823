import { traitsOf } from '../../protocol/architectures/index.js';
import type { FrozenWeights } from '../../protocol/frozen-weights.js';
import type { HeadKind } from '../../protocol/heads.js';
import type { ExportFormat } from '../../protocol/job.js';
import { adaptableModules } from '../../protocol/lora-targets.js';
import { type MethodKind, methodKinds } from '../../protocol/methods/index.js';
import type { LanguageObjective } from '../../protocol/methods/language-modelling.js';
import type { ModelManifest } from '../../protocol/model-manifest.js';
import type { Pooling } from '../../protocol/pooling.js';
import { predictedTokensOf } from '../../protocol/predicts-tokens.js';

type Model = Pick<ModelManifest, 'config' | 'heads' | 'layers'>;

/** What can be done with a model. */
export interface ModelSupport {
  readonly methods: readonly MethodKind[];
  readonly heads: readonly HeadKind[];
  /** What it can be trained to predict of texts; null: nothing. */
  readonly objective: LanguageObjective | null;
  readonly pairs: boolean;
  readonly poolings: readonly Pooling[];
  readonly lowRankAdapters: boolean;
  /** Modules that an adapter can be added to, by the last part of their names; first those that usually get one. */
  readonly adapterTargets: readonly string[];
  readonly frozenWeights: readonly FrozenWeights[];
  readonly generates: boolean;
  readonly exports: readonly ExportFormat[];
}

const headKinds: readonly HeadKind[] = ['classification', 'multiLabel', 'regression', 'tokenClassification', 'reward'];

/** @param isAdapter whether it is an adapter beside its base model */
export function supportOf(model: Model, isAdapter: boolean): ModelSupport {
  const {
    isCausal,
    predictsMasked = false,
    readsPairs,
    poolings,
    defaultTargets,
    isInTransformers,
  } = traitsOf(model.config);
  const objective = isCausal ? 'causal' : predictsMasked ? 'masked' : null;
  const targets = new Set(adaptableModules(model).map(({ name }) => name.slice(name.lastIndexOf('.') + 1)));
  const generates = predictedTokensOf(model) === 'causal';
  const methods: Readonly<Record<MethodKind, boolean>> = {
    supervised: true,
    multiTask: true,
    languageModelling: objective !== null,
    instructionTuning: isCausal,
    policyOptimization: isCausal,
    rewardModelling: true,
    preferenceOptimization: isCausal,
  };
  const exports: Readonly<Record<ExportFormat, boolean>> = {
    huggingFace: isInTransformers,
    peft: isInTransformers && isAdapter,
    onnx: true,
    transformersJs: isInTransformers,
    gguf: isInTransformers && generates,
  };
  return {
    methods: methodKinds.filter((kind) => methods[kind]),
    heads: headKinds,
    objective,
    pairs: readsPairs,
    poolings,
    lowRankAdapters: targets.size > 0,
    adapterTargets: [
      ...defaultTargets.filter((name) => targets.has(name)),
      ...[...targets].filter((name) => !defaultTargets.includes(name)),
    ],
    frozenWeights: targets.size === 0 ? [] : ['float32', 'float16', 'int8', 'int4'],
    generates,
    exports: (Object.keys(exports) as ExportFormat[]).filter((format) => exports[format]),
  };
}
