import { tellingChosen } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { readTargetFacts, type TargetReader } from '../datasets/targets.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import type { ChatSources } from '../models/chat-sources.js';
import { checkTypesOfPairs } from '../models/check-token-types.js';
import type { Tokenizers } from '../models/tokenizers.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { PlannedTraining, TrainingKind } from '../protocol/recommendation/candidate.js';
import type { WorkerReads } from '../workers/worker.reads.js';
import { findBasis } from './estimate-basis.js';
import { costOf } from './estimate-cost.js';
import { estimateRows } from './estimate-rows.js';
import { estimateTime } from './estimate-time.js';
import type { CreateExperimentInput } from './experiment.input.js';
import type { TokenCounts } from './experiment-plan.js';
import { drawHeldOut, validationSplitOf } from './held-out.js';
import type { HyperparametersInput } from './hyperparameters.input.js';
import { fillColumns } from './methods/columns.js';
import { methodRequest } from './methods/resolve.js';
import { resolveSpec, targetsToRead } from './resolve-spec.js';
import { sampleReading } from './sample-reading.js';

/** What experiments on several models would have in common. */
type CommonDraft = Pick<CreateExperimentInput, 'method' | 'trainSplit' | 'validationSplit'>;

/** The ways in which a model could be trained for a task; or why it can not be. */
export type PlannedModel =
  | {
      readonly model: BaseModelRow;
      /** The spec of the first of the trainings. */
      readonly spec: RunSpec;
      readonly trainings: readonly PlannedTraining[];
      readonly trainExamples: number;
      readonly tokens: TokenCounts;
    }
  | { readonly model: BaseModelRow; readonly problems: readonly InputProblem[] };

export type PlanTrainings = (
  draft: CommonDraft,
  version: DatasetVersionRow,
  models: readonly BaseModelRow[],
) => Promise<PlannedModel[]>;

/** What of a model each kind of training changes; all else has its defaults. */
const kinds: readonly { readonly kind: TrainingKind; readonly hyperparameters: object }[] = [
  { kind: 'FULL', hyperparameters: {} },
  { kind: 'LORA', hyperparameters: { adapter: { lora: {} } } },
  { kind: 'FROZEN', hyperparameters: { freeze: { kind: 'encoder' } } },
];

/**
 * Plans the trainings of several models on one dataset version, whose rows are read once. The estimates are those of
 * `planExperiment`. Problems of the data are those of each model.
 */
export function trainingPlanner(parts: {
  readonly examples: TargetReader & Pick<ExampleReader, 'sampleTexts' | 'readExamples'>;
  readonly tokenizers: Tokenizers;
  readonly chatSources: ChatSources;
  readonly workers: Pick<WorkerReads, 'online'>;
}): PlanTrainings {
  const { examples, tokenizers } = parts;
  return async (common, version, models) => {
    const {
      input: method,
      chosen,
      problems,
    } = await fillColumns(common.method, {
      version,
      control: null,
      examples,
      planRewards: refuseRewards,
      planValueModel: () => Promise.resolve(null),
    });
    if (method === null || problems.length > 0) throw new ProblemsError(problems);
    const draft = { ...common, method, unknownLabels: null, hyperparameters: null };
    const { speed } = await findBasis(parts.workers);
    const { pairs, keptTogether = null } = methodRequest(draft.method);
    const targets = targetsToRead(draft, version);
    const split = draft.trainSplit;
    const divides = targets !== null && validationSplitOf(draft, version) === null;
    const heldOut = divides ? await drawHeldOut(examples, targets, split, version, keptTogether) : null;
    const division = heldOut === null ? null : { split, heldOut };
    const facts = targets === null ? null : await readTargetFacts(examples, { ...targets, division });

    /** Throws ProblemsError where the model can not be given the task. */
    const plan = async (model: BaseModelRow): Promise<PlannedModel> => {
      const { manifest } = model;
      const specs: { readonly kind: TrainingKind; readonly spec: RunSpec }[] = [];
      let ofTask: readonly InputProblem[] | null = null;
      for (const { kind, hyperparameters } of kinds) {
        const input = { ...draft, hyperparameters: hyperparameters as HyperparametersInput };
        const spec = orProblems(() => resolveSpec(input, version, model, facts, heldOut));
        // Problems of the first are those of the task: the others have their own beside them.
        if ('problems' in spec) ofTask ??= spec.problems;
        else specs.push({ kind, spec });
      }
      const ofPairs = pairs === null ? [] : await checkTypesOfPairs(tokenizers, manifest, pairs);
      const [first] = specs;
      if (first === undefined || ofPairs.length > 0) throw new ProblemsError([...(ofTask ?? []), ...ofPairs]);
      const reading = await sampleReading(first.spec, manifest, parts);
      const tokens = reading.counts;
      const trainings = specs.map(({ kind, spec }) => {
        // Without target facts there is no spec.
        const cost = costOf(spec, manifest, facts!.counts, (examples) => estimateRows(spec, examples, tokens));
        return {
          kind,
          hyperparameters: spec.hyperparameters,
          trainableParameters: cost.trainableParameters,
          memoryBytes: cost.estimatedMemoryBytes,
          checkpointBytes: cost.estimatedCheckpointBytes,
          seconds: estimateTime(spec, manifest, { ...cost, controlExamples: 0, reading }, speed).seconds,
        };
      });
      const trainExamples = facts?.counts.labelled[split] ?? 0;
      return { model, spec: first.spec, trainings, trainExamples, tokens };
    };

    const planned: PlannedModel[] = [];
    for (const model of models) {
      const each = await tellingChosen({ chosen, problems: [] }, () => plan(model)).catch(
        (error: unknown): PlannedModel => {
          if (error instanceof ProblemsError) return { model, problems: error.problems };
          throw error;
        },
      );
      planned.push(each);
    }
    return planned;
  };
}

/** A recommendation is of a model for a task; rewards are none. */
function refuseRewards(_: unknown, __: unknown, path: readonly string[]): Promise<never> {
  const message = 'Models are not compared by what they would earn of rewards.';
  return Promise.reject(new ProblemsError([problem([...path], 'INVALID_VALUE', message)]));
}

function orProblems(resolve: () => RunSpec): RunSpec | { readonly problems: readonly InputProblem[] } {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof ProblemsError) return { problems: error.problems };
    throw error;
  }
}
