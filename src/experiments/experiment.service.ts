import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction, type Transaction } from '../database/transaction.js';
import { checkColumnType } from '../datasets/check-columns.js';
import { tellingChosen } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { requireVersion } from '../datasets/require-version.js';
import { readTargetFacts, type TargetReader } from '../datasets/targets.js';
import { type BaseModelRow, baseModelsByIds } from '../models/base-model.reads.js';
import type { ChatSources } from '../models/chat-sources.js';
import { checkTypesOfPairs } from '../models/check-token-types.js';
import { requireTakenModel } from '../models/licences/licence-of-model.js';
import type { Tokenizers } from '../models/tokenizers.js';
import { checkName, checkNotes, checkTags, tidyTags } from '../organizing/names-and-tags.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { together } from '../problems/together.js';
import { projectsByIds } from '../projects/project.reads.js';
import { requireProject } from '../projects/require-project.js';
import { requireStorageLeft, requireWithinQueue } from '../projects/require-quota.js';
import { findLicence, findTruncated } from '../protocol/findings.js';
import type { HeldOut } from '../protocol/held-out.js';
import { objectiveOf, type RunSpec } from '../protocol/methods/index.js';
import { scoringModelsOf } from '../protocol/models-beside.js';
import type { Query } from '../protocol/sql/query.js';
import { planRewards as plannedRewards } from '../rewards/plan-rewards.js';
import type { RewardAccess } from '../rewards/reward-access.js';
import type { WorkerReads } from '../workers/worker.reads.js';
import { leftToChoose, leftToChooseIn } from './chosen-anew.js';
import type { CloneExperimentInput } from './clone.input.js';
import { configurationOf, draftOfClone, pathsOfNulls } from './clone.js';
import type { CreateFoldExperimentsInput } from './cross-validation.input.js';
import { heldOutFolds, keptFold, nameOfFold } from './cross-validation.js';
import { findBasis } from './estimate-basis.js';
import { costOf } from './estimate-cost.js';
import { estimateRows } from './estimate-rows.js';
import { estimateTime } from './estimate-time.js';
import { Experiment } from './experiment.entity.js';
import type { CreateExperimentInput, ExperimentDraft } from './experiment.input.js';
import { type ExperimentRow, experimentsByIds } from './experiment.reads.js';
import type { ExperimentPlan } from './experiment-plan.js';
import { explainDefaults } from './explain-defaults.js';
import { defaultValidationSplit, drawHeldOut, validationSplitOf } from './held-out.js';
import { judgeData } from './judge-data.js';
import { controlVersionOf, learnedBy, nullsOfColumns, referenceModelOf } from './methods/asked-of-method.js';
import { fillColumns, type NamedMethodInput } from './methods/columns.js';
import type { PlanRewards, PlanValueModel } from './methods/filled.js';
import { planValueModel } from './methods/policy-optimization/plan-value-model.js';
import { methodRequest } from './methods/resolve.js';
import { scoringModels } from './methods/scoring-models.js';
import { checkPriority } from './priority.js';
import { recommendHyperparameters } from './recommend-hyperparameters.js';
import { checkSplits, checkWithoutRows, resolveSpec, targetsToRead } from './resolve-spec.js';
import { enqueueRun, type RunControlResult, requestCancel, requestPause, resumeRun } from './run-control.js';
import { checkSampledRows, sampleReading } from './sample-reading.js';

/**
 * Experiments, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client can
 * correct.
 */
export interface ExperimentService {
  /** Checks everything and computes what the run would take. Writes nothing. */
  plan(input: CreateExperimentInput): Promise<ExperimentPlan>;
  /** Checks what shows of an input before there is a dataset version: all that needs no row of it. */
  checkAhead(input: InputAhead, version: ExpectedVersion): Promise<void>;
  /**
   * Checks the input, and writes experiment, run, first event and job in one transaction. Returns the experiment's id.
   */
  create(input: CreateExperimentInput): Promise<string>;
  planClone(sourceId: string, input: CloneExperimentInput): Promise<ExperimentPlan>;
  clone(sourceId: string, input: CloneExperimentInput): Promise<string>;
  /** Clones an experiment once for each fold of its training split, which the clone holds out; all of them or none. */
  createFolds(sourceId: string, input: CreateFoldExperimentsInput): Promise<void>;
  cancel(experimentId: string): Promise<void>;
  pause(experimentId: string): Promise<void>;
  resume(experimentId: string): Promise<void>;
}

/** What of an input is known before its dataset version is made. */
type InputAhead = Pick<
  CreateExperimentInput,
  'projectSlug' | 'baseModelId' | 'method' | 'trainSplit' | 'hyperparameters'
>;

/** What is known of a dataset version before it is made. */
export type ExpectedVersion = Pick<DatasetVersionRow, 'digest' | 'columns' | 'splits' | 'roles'>;

/** A draft with a method of this kind of input. */
type Draft<Method> = Omit<ExperimentDraft, 'method'> & { readonly method: Method };

export function createExperimentService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly examples: TargetReader & Pick<ExampleReader, 'sampleTexts' | 'findDuplicates' | 'readExamples'>;
  readonly tokenizers: Tokenizers;
  readonly chatSources: ChatSources;
  readonly workers: Pick<WorkerReads, 'online'>;
  readonly rewardAccess: RewardAccess;
}): ExperimentService {
  const { dataSource, query, examples, tokenizers, chatSources, workers, rewardAccess } = options;

  function planOfProject(projectId: string): PlanRewards {
    return async (rewards, columns, path) => {
      const [project] = await projectsByIds(query, [projectId]);
      if (project === undefined) throw new ProblemsError([problem(['projectSlug'], 'NOT_FOUND', 'It is gone.')]);
      return plannedRewards(rewardAccess, rewards, { project, columns: columns.map(({ name }) => name), path });
    };
  }

  /** What looks the models and services of a method up that a run of the base model asks while it trains. */
  function plannersOf(projectId: string, baseModel: BaseModelRow) {
    const read = async (id: string, path: readonly string[]) =>
      (await requireTakenModel(query, id, projectId, path)).model;
    const valueModelOf: PlanValueModel = (asked, path) => planValueModel(read, baseModel, asked, path);
    return { planRewards: planOfProject(projectId), planValueModel: valueModelOf };
  }

  /** What a draft names beside its data: base model, version of control texts or judged answers, reference. */
  async function requireReferred({ baseModelId, method }: Pick<ExperimentDraft, 'baseModelId' | 'method'>, of: string) {
    const asked = controlVersionOf(method);
    const referred = referenceModelOf(method);
    const [{ model: baseModel, verdict }, control, reference] = await together([
      requireTakenModel(query, baseModelId, of, ['baseModelId']),
      asked === null ? Promise.resolve(null) : requireVersion(query, asked.id, of, asked.path),
      referred === null
        ? Promise.resolve(null)
        : requireTakenModel(query, referred.id, of, referred.path).then(({ model }) => model),
    ]);
    return { baseModel, verdict, control, reference };
  }

  /** The spec of a draft, with the data and model that it was resolved against. */
  async function resolveConfiguration(draft: ExperimentDraft, projectId: string, fold: HeldOut | null) {
    const [{ baseModel, verdict, control, reference }, version] = await together([
      requireReferred(draft, projectId),
      requireVersion(query, draft.datasetVersionId, projectId, ['datasetVersionId']),
    ]);
    const sources = { version, control, examples, ...plannersOf(projectId, baseModel) };
    const { input: method, chosen, problems } = await fillColumns(draft.method, sources);
    if (method === null) throw new ProblemsError([...problems, ...checkSplits(draft, version)]);
    const resolved = await tellingChosen({ chosen, problems }, () =>
      resolveNamed({ ...draft, method }, { baseModel, version, control, reference }, fold),
    );
    const ids = {
      controlVersionId: control?.id ?? null,
      // A reference that is the base model is no other object.
      referenceModelId: reference === null || reference.id === baseModel.id ? null : reference.id,
    };
    return {
      baseModel,
      version,
      control,
      reference,
      ids,
      chosen,
      ...resolved,
      ofLicence: findLicence(baseModel.licence, verdict),
    };
  }

  /** The spec of a draft whose columns are all named. */
  async function resolveNamed(
    draft: Draft<NamedMethodInput>,
    {
      baseModel,
      version,
      control,
      reference,
    }: {
      readonly baseModel: BaseModelRow;
      readonly version: DatasetVersionRow;
      readonly control: DatasetVersionRow | null;
      readonly reference: BaseModelRow | null;
    },
    fold: HeldOut | null,
  ) {
    const targets = targetsToRead(draft, version);
    const split = draft.trainSplit;
    const divides = targets !== null && validationSplitOf(draft, version) === null;
    const { pairs, keptTogether = null } = methodRequest(draft.method);
    const heldOut = fold ?? (divides ? await drawHeldOut(examples, targets, split, version, keptTogether) : null);
    const division = heldOut === null ? null : { split, heldOut };
    const facts = targets === null ? null : await readTargetFacts(examples, { ...targets, division });
    const spec = resolveSpec(draft, version, baseModel, facts, heldOut, { control, reference });
    if (pairs !== null) {
      const problems = await checkTypesOfPairs(tokenizers, baseModel.manifest, pairs);
      if (problems.length > 0) throw new ProblemsError(problems);
    }
    return { facts, spec };
  }

  /** As resolveConfiguration, with the problems of name, tags and notes too: throws all problems of the draft. */
  async function resolve(draft: ExperimentDraft, projectId: string, fold: HeldOut | null) {
    const problems = checkLabelling(draft);
    const resolved = await resolveConfiguration(draft, projectId, fold).catch((error: unknown) => {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems);
      return null;
    });
    if (resolved === null || problems.length > 0) throw new ProblemsError(problems);
    return resolved;
  }

  /** The manifests of the models that score what a policy writes, one for each reward. */
  async function manifestsOfRewards(spec: RunSpec) {
    const models = scoringModelsOf(spec);
    if (models.length === 0) return [];
    const rows = await baseModelsByIds(query, [...new Set(models.map(({ id }) => id))]);
    return models.flatMap(({ id }) => rows.find((row) => row.id === id)?.manifest ?? []);
  }

  async function planDraft(
    draft: ExperimentDraft,
    projectId: string,
    fold: HeldOut | null = null,
  ): Promise<ExperimentPlan> {
    const resolved = await resolve(draft, projectId, fold);
    const { spec, baseModel, version, control, reference, ids, facts, chosen, ofLicence } = resolved;
    const { maxLength } = spec.hyperparameters;
    const { manifest } = baseModel;
    const [tokens, judged, basis] = await Promise.all([
      sampleReading(spec, manifest, { examples, tokenizers, chatSources }),
      // Without target facts, resolving has thrown before: there would be no spec.
      judgeData(examples, spec, version, facts!),
      findBasis(workers),
    ]);
    const learns = learnedBy(draft.method);
    const rowsOf = (examples: number) => estimateRows(spec, examples, tokens.counts);
    const cost = costOf(spec, manifest, facts!.counts, rowsOf, {
      reference: ids.referenceModelId === null ? null : (reference?.manifest ?? null),
      scoring: await manifestsOfRewards(spec),
    });
    const defaults = explainDefaults(
      draft.hyperparameters,
      manifest,
      spec.hyperparameters,
      cost.trainExamples,
      learns,
      objectiveOf(spec),
    );
    const controlExamples = countOf(control, spec);
    const { sampledExamples: exampleCount, truncatedShare } = tokens.counts;
    const truncatedCount = Math.round(truncatedShare * exampleCount);
    // Documents are divided where they are too long, and lose nothing.
    const lengths =
      learns === 'tokens' ? [] : findTruncated({ split: spec.trainSplit, maxLength }, { exampleCount, truncatedCount });
    return {
      ...cost,
      ...ids,
      baselines: judged.baselines,
      findings: [...ofLicence, ...judged.findings, ...lengths],
      tokens: tokens.counts,
      estimatedTime: estimateTime(spec, manifest, { ...cost, controlExamples, reading: tokens }, basis.speed),
      estimateBasis: basis,
      defaults,
      recommended: recommendHyperparameters(
        spec,
        manifest,
        {
          trainExamples: cost.trainExamples,
          trainRows: estimateRows(spec, cost.trainExamples, tokens.counts),
          lengths: tokens.lengths,
        },
        learns,
      ),
      chosenColumns: chosen,
      example: tokens.example,
      conversations: tokens.conversations,
    };
  }

  /** All that is written of a new experiment. Throws all problems of the draft. */
  async function prepare(draft: ExperimentDraft, projectId: string, fold: HeldOut | null) {
    const { spec, baseModel, version, ids, facts, ofLicence } = await resolve(draft, projectId, fold);
    await checkSampledRows(spec, baseModel.manifest, { examples, tokenizers, chatSources });
    const { baselines, findings } = await judgeData(examples, spec, version, facts!);
    return { draft, spec, baseModel, version, ids, baselines, findings: [...ofLicence, ...findings] };
  }

  async function insert(
    { query: write, manager }: Transaction,
    prepared: Awaited<ReturnType<typeof prepare>>,
    made: {
      readonly id: string;
      readonly projectId: string;
      /** Those that the client left to the server. */
      readonly chosenHyperparameters: readonly string[];
      readonly clonedFromId: string | null;
    },
  ): Promise<void> {
    const { draft, spec, baseModel, version, ids, baselines, findings } = prepared;
    const { id, projectId, chosenHyperparameters, clonedFromId } = made;
    const priority = draft.priority ?? 0;
    await manager.insert(Experiment, {
      id,
      projectId,
      createdBy: actorId(),
      name: draft.name.trim(),
      method: spec.method,
      // A schema of a reward is any JSON, which the types of the table do not know.
      spec: spec as object,
      baselines,
      findings,
      baseModelId: baseModel.id,
      datasetVersionId: version.id,
      ...ids,
      tags: tidyTags(draft.tags ?? []),
      notes: draft.notes ?? '',
      priority,
      clonedFromId,
      chosenHyperparameters: [...chosenHyperparameters],
    });
    const scoring = scoringModels(spec).filter((each) => each !== baseModel.id && each !== ids.referenceModelId);
    await write('INSERT INTO experiment_reward_models (experiment_id, base_model_id) SELECT $1, unnest($2::uuid[])', [
      id,
      scoring,
    ]);
    await enqueueRun(write, { runId: randomUUID(), experimentId: id, projectId, spec, priority });
  }

  /** @param chosenHyperparameters those that the client left to the server */
  async function createFrom(
    draft: ExperimentDraft,
    chosenHyperparameters: string[],
    request: IdempotentRequest,
    clonedFromId: string | null,
    fold: HeldOut | null = null,
  ): Promise<string> {
    const first = await findFirstResult(query, request);
    if (first !== null) return first;
    const { projectId } = request;
    await requireStorageLeft(query, projectId);
    const prepared = await prepare(draft, projectId, fold);
    return inTransaction(dataSource, async (transaction) => {
      const id = randomUUID();
      const claimed = await claimKey(transaction.query, request, id);
      if (claimed !== id) return claimed;
      await insert(transaction, prepared, { id, projectId, chosenHyperparameters, clonedFromId });
      await requireWithinQueue(transaction.query, projectId, []);
      return id;
    });
  }

  /** What the experiments of a cross-validation hold out, one for each fold. */
  async function foldsToHoldOut(draft: Draft<NamedMethodInput>, projectId: string, column: string): Promise<HeldOut[]> {
    const version = await requireVersion(query, draft.datasetVersionId, projectId, ['datasetVersionId']);
    const problems = checkColumnType(version, column, ['INTEGER'], ['foldColumn']);
    if (problems.length > 0) throw new ProblemsError(problems);
    const targets = targetsToRead(draft, version);
    if (targets === null) throw new Error('The columns of an experiment are those of its version.');
    const { textColumns } = targets;
    const { labels } = await examples.countLabels({ digest: version.digest, textColumns, labelColumns: [column] });
    return heldOutFolds(labels[column] ?? [], { column, trainSplit: draft.trainSplit, textColumns });
  }

  async function requireExperiment(experimentId: string): Promise<ExperimentRow> {
    const [experiment] = await experimentsByIds(query, [experimentId]);
    if (experiment !== undefined) return experiment;
    throw new ProblemsError([problem(['experimentId'], 'NOT_FOUND', 'There is no experiment with this id.')]);
  }

  async function control(
    experimentId: string,
    action: (query: Query, experiment: ExperimentRow) => Promise<RunControlResult>,
    refusal: (status: string) => string,
  ): Promise<void> {
    const experiment = await requireExperiment(experimentId);
    const { accepted, status } = await inTransaction(dataSource, (transaction) =>
      action(transaction.query, experiment),
    );
    if (!accepted) throw new ProblemsError([problem(['experimentId'], 'CONFLICT', refusal(status))]);
  }

  return {
    async plan(input) {
      return planDraft(input, (await requireProject(query, input.projectSlug)).id);
    },

    async create({ idempotencyKey, ...asked }) {
      const { id: projectId } = await requireProject(query, asked.projectSlug);
      // For a hyperparameter, and for second texts that roles would say, null is a value, but a digest ignores it
      // (idempotency.ts), so the nulls' paths are added.
      const nulls = [...pathsOfNulls(asked.hyperparameters ?? {}), ...nullsOfColumns(asked.method)];
      // Requests of releases in which this field had a default keep their digests.
      const validationSplit = asked.validationSplit ?? defaultValidationSplit;
      const input = { ...asked, validationSplit, nulls: nulls.length === 0 ? null : nulls };
      const request = { projectId, operation: 'createExperiment', key: idempotencyKey ?? null, input };
      return createFrom(asked, leftToChoose(asked.hyperparameters), request, null);
    },

    async checkAhead(input, version) {
      const { id: projectId } = await requireProject(query, input.projectSlug);
      const { baseModel, control, reference } = await requireReferred(input, projectId);
      const sources = { version, control, examples, ...plannersOf(projectId, baseModel) };
      const { input: method, problems } = await fillColumns(input.method, sources);
      if (method === null) throw new ProblemsError([...problems]);
      const draft = { ...input, method, unknownLabels: null };
      const found = [...problems, ...checkWithoutRows(draft, version, baseModel.manifest, { control, reference })];
      if (found.length > 0) throw new ProblemsError(found);
    },

    async planClone(sourceId, input) {
      const source = await requireExperiment(sourceId);
      return planDraft(draftOfClone(source, input), source.projectId, keptFold(source.spec, input));
    },

    async clone(sourceId, { idempotencyKey, ...asked }) {
      const source = await requireExperiment(sourceId);
      const draft = draftOfClone(source, asked);
      const request = {
        projectId: source.projectId,
        operation: 'cloneExperiment',
        key: idempotencyKey ?? null,
        // The differences from the source, where null is a value, but a digest ignores it (idempotency.ts).
        input: { ...asked, nulls: pathsOfNulls(asked) },
      };
      const chosen = leftToChooseIn(asked.hyperparameters, source.chosenHyperparameters);
      return createFrom(draft, chosen, request, source.id, keptFold(source.spec, asked));
    },

    async createFolds(sourceId, { idempotencyKey, ...asked }) {
      const source = await requireExperiment(sourceId);
      const { projectId } = source;
      const request = { projectId, operation: 'createFoldExperiments', key: idempotencyKey ?? null, input: asked };
      if ((await findFirstResult(query, request)) !== null) return;
      await requireStorageLeft(query, projectId);
      const draft: ExperimentDraft = {
        ...draftOfClone(source, { experimentId: asked.experimentId }),
        validationSplit: null,
      };
      draft.priority = asked.priority ?? null;
      const { method } = configurationOf(source.spec, source);
      const folds = await foldsToHoldOut({ ...draft, method }, projectId, asked.foldColumn);
      const prepared: Awaited<ReturnType<typeof prepare>>[] = [];
      for (const fold of folds) {
        const name = nameOfFold(source.name, fold.fold!.number);
        prepared.push(await prepare({ ...draft, name }, projectId, fold));
      }
      const { chosenHyperparameters } = source;
      await inTransaction(dataSource, async (transaction) => {
        const claim = randomUUID();
        if ((await claimKey(transaction.query, request, claim)) !== claim) return;
        for (const each of prepared) {
          await insert(transaction, each, {
            id: randomUUID(),
            projectId,
            chosenHyperparameters,
            clonedFromId: sourceId,
          });
        }
        await requireWithinQueue(transaction.query, projectId, []);
      });
    },

    cancel: (id) =>
      control(
        id,
        (query, { runId }) => requestCancel(query, runId),
        (status) => `The experiment has already ended: ${status}.`,
      ),
    pause: (id) =>
      control(
        id,
        (query, { runId }) => requestPause(query, runId),
        (status) => `The experiment is ${status}: it can not be paused.`,
      ),
    resume: (id) =>
      control(
        id,
        async (transaction, { runId, projectId }) => {
          const resumed = await resumeRun(transaction, runId);
          // If a pause is withdrawn, the experiment does not wait.
          if (resumed.accepted && resumed.status === 'QUEUED')
            await requireWithinQueue(transaction, projectId, ['experimentId']);
          return resumed;
        },
        (status) => `The experiment is ${status}, not paused.`,
      ),
  };
}

function checkLabelling({ name, tags, notes, priority }: ExperimentDraft): InputProblem[] {
  return [
    ...checkName(name),
    ...checkTags(tags ?? [], ['tags']),
    ...checkNotes(notes ?? ''),
    ...checkPriority(priority ?? 0),
  ];
}

/** Rows of the split of control texts, or the most judged answers that are read; 0 without any. */
function countOf(control: { readonly splits: DatasetVersionRow['splits'] } | null, spec: RunSpec): number {
  const rowsOf = (split: string) => control?.splits.find(({ name }) => name === split)?.exampleCount ?? 0;
  if (spec.method === 'languageModelling' && spec.control !== null) return rowsOf(spec.control.split);
  if (spec.method !== 'policyOptimization' || spec.controlPreferences === null) return 0;
  const { split, pairs, preference } = spec.controlPreferences;
  return Math.min(2 * pairs, (preference.kind === 'pairs' ? 2 : 1) * rowsOf(split));
}
