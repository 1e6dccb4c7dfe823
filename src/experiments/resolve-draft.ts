import { tellingChosen } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { requireVersion } from '../datasets/require-version.js';
import { readTargetFacts } from '../datasets/targets.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { checkTypesOfPairs } from '../models/check-token-types.js';
import { requireTakenModel } from '../models/licences/licence-of-model.js';
import { checkName, checkNotes, checkTags } from '../organizing/names-and-tags.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { together } from '../problems/together.js';
import { projectsByIds } from '../projects/project.reads.js';
import { findLicence } from '../protocol/findings.js';
import type { HeldOut } from '../protocol/held-out.js';
import { planRewards as plannedRewards } from '../rewards/plan-rewards.js';
import type { CreateExperimentInput, ExperimentDraft } from './experiment.input.js';
import type { ExperimentTools } from './experiment-tools.js';
import { drawHeldOut, validationSplitOf } from './held-out.js';
import { controlVersionOf, referenceModelOf } from './methods/asked-of-method.js';
import { fillColumns, type NamedMethodInput } from './methods/columns.js';
import type { PlanRewards, PlanValueModel } from './methods/filled.js';
import { planValueModel } from './methods/policy-optimization/plan-value-model.js';
import { methodRequest } from './methods/resolve.js';
import { checkPriority } from './priority.js';
import { checkSplits, checkWithoutRows, resolveSpec, targetsToRead } from './resolve-spec.js';

/** What of an input is known before its dataset version is made. */
export type InputAhead = Pick<
  CreateExperimentInput,
  'projectSlug' | 'baseModelId' | 'method' | 'trainSplit' | 'hyperparameters'
>;

/** What is known of a dataset version before it is made. */
export type ExpectedVersion = Pick<DatasetVersionRow, 'digest' | 'columns' | 'splits' | 'roles'>;

/** A draft with a method of this kind of input. */
export type Draft<Method> = Omit<ExperimentDraft, 'method'> & { readonly method: Method };

/** Finds out what a draft comes to: the spec, with the data and the models that it names. */
type DraftResolver = ReturnType<typeof createDraftResolver>;

/** A draft's spec, with what it was resolved against. */
export type ResolvedDraft = Awaited<ReturnType<DraftResolver['resolve']>>;

export function createDraftResolver({
  query,
  examples,
  tokenizers,
  rewardAccess,
}: Pick<ExperimentTools, 'query' | 'examples' | 'tokenizers' | 'rewardAccess'>) {
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

  /** Checks what shows of an input before there is a dataset version. Throws all its problems. */
  async function checkAhead(input: InputAhead, version: ExpectedVersion, projectId: string): Promise<void> {
    const { baseModel, control, reference } = await requireReferred(input, projectId);
    const sources = { version, control, examples, ...plannersOf(projectId, baseModel) };
    const { input: method, problems } = await fillColumns(input.method, sources);
    if (method === null) throw new ProblemsError([...problems]);
    const draft = { ...input, method, unknownLabels: null };
    const found = [...problems, ...checkWithoutRows(draft, version, baseModel.manifest, { control, reference })];
    if (found.length > 0) throw new ProblemsError(found);
  }

  return { resolve, checkAhead };
}

function checkLabelling({ name, tags, notes, priority }: ExperimentDraft): InputProblem[] {
  return [
    ...checkName(name),
    ...checkTags(tags ?? [], ['tags']),
    ...checkNotes(notes ?? ''),
    ...checkPriority(priority ?? 0),
  ];
}
