import { isDeepStrictEqual } from 'node:util';
import { globalId } from '../graphql/global-id.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';
import { objectiveOf, type RunSpec } from '../protocol/methods/index.js';
import { type Differences, isChosenAnew, leftToChooseIn } from './chosen-anew.js';
import type { CloneExperimentInput } from './clone.input.js';
import type { ExperimentDraft } from './experiment.input.js';
import type { ExperimentRow } from './experiment.reads.js';
import type { HyperparametersInput } from './hyperparameters.input.js';
import { learnedBy, objectiveAsked } from './methods/asked-of-method.js';
import { methodInputOf } from './methods/clone.js';
import type { NamedMethodInput } from './methods/columns.js';
import type { ReferredIds } from './methods/referred.js';

interface Configuration extends Pick<ExperimentDraft, 'trainSplit' | 'validationSplit' | 'hyperparameters'> {
  readonly method: NamedMethodInput;
}

/**
 * The input that would create an experiment with this spec, with every value explicit. Resolved again on the same data
 * and model, it gives the same spec.
 */
export function configurationOf(
  spec: RunSpec,
  referred: ReferredIds,
): Configuration & { readonly hyperparameters: HyperparametersInput } {
  const { trainSplit, heldOut } = spec;
  return {
    method: methodInputOf(spec, referred),
    trainSplit,
    validationSplit: heldOut === undefined ? spec.validationSplit : null,
    hyperparameters: hyperparametersOf(spec.hyperparameters),
  };
}

/**
 * The draft of an experiment like `source`, with the changes of the input. Hyperparameters that neither gives are left
 * out where their defaults may change with what the input changes, so that they are chosen anew; otherwise they are the
 * source's, whatever this release would choose.
 */
export function draftOfClone(source: ExperimentRow, input: CloneExperimentInput): ExperimentDraft {
  const draft = changedDraft(source, input);
  const differences = differencesOf(source, draft);
  const anew = new Set<string>();
  for (const name of leftToChooseIn(input.hyperparameters, source.chosenHyperparameters)) {
    if (input.hyperparameters?.[name] === undefined && isChosenAnew(name, differences)) anew.add(name);
  }
  const kept = Object.entries(draft.hyperparameters ?? {}).filter(([name]) => !anew.has(name));
  return { ...draft, hyperparameters: Object.fromEntries(kept) as unknown as HyperparametersInput };
}

function differencesOf(source: ExperimentRow, draft: ExperimentDraft): Differences {
  const { spec } = source;
  const former = spec.hyperparameters;
  const { adapter, freeze, batchSize, gradientAccumulationSteps } = draft.hyperparameters!;
  const partsOf = (hasAdapter: boolean, frozen: string | undefined): string =>
    hasAdapter ? 'adapter' : frozen === 'encoder' ? 'heads' : 'encoder';
  const learns = learnedBy(draft.method) !== learnedBy(methodInputOf(spec, source));
  const { method, trainSplit, validationSplit } = configurationOf(spec, source);
  return {
    model: draft.baseModelId !== globalId('BaseModel', source.baseModelId),
    trainedParts:
      learns || partsOf(former.adapter !== null, former.freeze.kind) !== partsOf(adapter != null, freeze?.kind),
    learns,
    objective: objectiveAsked(draft.method) !== objectiveOf(spec),
    examples:
      draft.datasetVersionId !== globalId('DatasetVersion', source.datasetVersionId) ||
      draft.trainSplit !== trainSplit ||
      (draft.validationSplit ?? null) !== validationSplit ||
      !isDeepStrictEqual(draft.method, method),
    batches: batchSize !== former.batchSize || gradientAccumulationSteps !== former.gradientAccumulationSteps,
  };
}

function changedDraft(source: ExperimentRow, input: CloneExperimentInput): ExperimentDraft {
  const former = configurationOf(source.spec, source);
  return {
    name: input.name ?? source.name,
    baseModelId: input.baseModelId ?? globalId('BaseModel', source.baseModelId),
    datasetVersionId: input.datasetVersionId ?? globalId('DatasetVersion', source.datasetVersionId),
    method: input.method ?? former.method,
    trainSplit: input.trainSplit ?? former.trainSplit,
    validationSplit: input.validationSplit ?? former.validationSplit,
    // A choice about the request, not about the run: the source's run has none.
    unknownLabels: input.unknownLabels ?? null,
    hyperparameters: { ...former.hyperparameters, ...given(input.hyperparameters ?? {}) },
    tags: input.tags === undefined ? [...source.tags] : input.tags,
    notes: input.notes === undefined ? source.notes : input.notes,
    // The source's urgency says nothing about the clone's.
    priority: input.priority ?? null,
  };
}

/** The fields that are not undefined; null counts as a value. */
function given<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}

/** The paths of all nulls in the input, because null may mean something else than a missing field. */
export function pathsOfNulls(input: object, path = ''): string[] {
  return Object.entries(input).flatMap(([key, value]) => {
    if (value === null) return [`${path}${key}`];
    return typeof value === 'object' ? pathsOfNulls(value, `${path}${key}.`) : [];
  });
}

function hyperparametersOf({ freeze, adapter, earlyStopping, ...rest }: Hyperparameters): HyperparametersInput {
  return {
    ...rest,
    freeze: { kind: freeze.kind, layers: freeze.kind === 'prefix' ? freeze.layers : null },
    adapter:
      adapter === null
        ? null
        : {
            lora: {
              ...adapter,
              targetModules: [...adapter.targetModules],
              frozenWeights: adapter.frozenWeights ?? null,
            },
          },
    earlyStopping: earlyStopping === null ? null : { ...earlyStopping },
  };
}
