import type { PreferenceObjectiveKind } from '../../protocol/preference-objective.js';
import type { Learns } from '../hyperparameter-defaults.js';
import { byMethodInput, type TrainingMethodInput } from './input.js';
import type { AskedObject } from './referred.js';

// What an input asks for, whether it names its columns or not.

export function learnedBy(method: TrainingMethodInput): Learns {
  return byMethodInput<TrainingMethodInput, Learns>(method, {
    supervised: () => 'heads',
    multiTask: () => 'heads',
    languageModelling: () => 'tokens',
    instructionTuning: () => 'answers',
    policyOptimization: () => 'completions',
    rewardModelling: () => 'rewards',
    preferenceOptimization: () => 'preferences',
  });
}

/** What preference optimization is asked to learn by: DPO where the input does not say; null for other methods. */
export function objectiveAsked({ preferenceOptimization }: TrainingMethodInput): PreferenceObjectiveKind | null {
  if (preferenceOptimization == null) return null;
  const { dpo, kto, orpo, simpo, cpo } = preferenceOptimization.objective ?? {};
  const asked: Readonly<Record<PreferenceObjectiveKind, object | null | undefined>> = { dpo, kto, orpo, simpo, cpo };
  const kinds = Object.keys(asked) as PreferenceObjectiveKind[];
  return kinds.find((kind) => asked[kind] != null) ?? 'dpo';
}

/**
 * The path of the second texts where the input asks for none, and leaves the first to the roles, which may name both.
 */
export function nullsOfColumns({ supervised, multiTask }: TrainingMethodInput): string[] {
  return Object.entries({ supervised, multiTask }).flatMap(([name, input]) =>
    input?.textPairColumn === null && input.textColumn == null ? [`method.${name}.textPairColumn`] : [],
  );
}

/**
 * The dataset version of the control texts, or of the judged answers that a policy is held against, by its id in the
 * graph, and the path of that; null without any.
 */
export function controlVersionOf(method: TrainingMethodInput): AskedObject | null {
  return byMethodInput<TrainingMethodInput, AskedObject | null>(method, {
    supervised: () => null,
    multiTask: () => null,
    languageModelling: ({ control }) =>
      control == null
        ? null
        : { id: control.datasetVersionId, path: ['method', 'languageModelling', 'control', 'datasetVersionId'] },
    instructionTuning: () => null,
    policyOptimization: ({ controlPreferences }) =>
      controlPreferences == null
        ? null
        : {
            id: controlPreferences.datasetVersionId,
            path: ['method', 'policyOptimization', 'controlPreferences', 'datasetVersionId'],
          },
    rewardModelling: () => null,
    preferenceOptimization: () => null,
  });
}

/** The model that a policy is compared with; null where the input leaves it out, or there is none. */
export function referenceModelOf(method: TrainingMethodInput): AskedObject | null {
  return byMethodInput<TrainingMethodInput, AskedObject | null>(method, {
    supervised: () => null,
    multiTask: () => null,
    languageModelling: () => null,
    instructionTuning: () => null,
    policyOptimization: ({ referenceModelId }) =>
      referenceModelId == null
        ? null
        : { id: referenceModelId, path: ['method', 'policyOptimization', 'referenceModelId'] },
    rewardModelling: () => null,
    preferenceOptimization: ({ referenceModelId }) =>
      referenceModelId == null
        ? null
        : { id: referenceModelId, path: ['method', 'preferenceOptimization', 'referenceModelId'] },
  });
}
