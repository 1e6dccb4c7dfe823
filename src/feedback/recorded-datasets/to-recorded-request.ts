import { preparationTarget } from '../../datasets/preparation/preparation-target.js';
import { rowId } from '../../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { requireProject } from '../../projects/require-project.js';
import type { Query } from '../../protocol/sql/query.js';
import { toFeedbackPolicy } from '../datasets/feedback-policy.type.js';
import type { CreateDatasetFromRecordedFeedbackInput } from './recorded-dataset.input.js';
import type { RecordedDatasetRequest } from './recorded-dataset.service.js';

const mostModels = 50;
const mostSubjects = 1_000;

/**
 * What is asked for, by row ids.
 * @throws ProblemsError with all that is wrong with the input alone
 */
export async function toRecordedRequest(
  query: Query,
  input: CreateDatasetFromRecordedFeedbackInput,
): Promise<RecordedDatasetRequest> {
  const { idempotencyKey, ...asked } = input;
  const { form, models = null, subjects = null, task = null, from = null, until = null, confirmed } = input;
  const { id: projectId } = await requireProject(query, input.projectSlug);
  const leastAgreement = input.leastAgreement ?? null;
  const [target, modelIds] = await together([
    (async () => preparationTarget(input))(),
    models === null
      ? Promise.resolve(null)
      : together(models.map(async (id, i) => rowId('BaseModel', id, ['models', String(i)]))),
    (async () => {
      const wrong = [
        ...inCount('models', models, mostModels),
        ...inCount('subjects', subjects, mostSubjects),
        ...(form === 'LABELS' ? [] : onlyOfLabels({ task: task !== null, confirmed })),
        ...(from !== null && until !== null && from >= until
          ? [problem(['until'], 'INVALID_VALUE', 'It is not after `from`.')]
          : []),
        ...(leastAgreement === null || (leastAgreement >= 0 && leastAgreement <= 1)
          ? []
          : [problem(['leastAgreement'], 'INVALID_VALUE', `It lies between 0 and 1, and not at ${leastAgreement}.`)]),
        ...(input.leastAnswers >= 1 ? [] : [problem(['leastAnswers'], 'INVALID_VALUE', 'It is at least 1.')]),
      ];
      if (wrong.length > 0) throw new ProblemsError(wrong);
    })(),
  ]);
  return {
    choice: { projectId, form, modelIds, task, subjects, from, until, confirmed },
    target,
    rules: {
      policy: toFeedbackPolicy(input.policy),
      leastAgreement,
      leastAnswers: input.leastAnswers,
      unpaired: false,
      correctionPairs: form === 'BETTER_ANSWERS',
    },
    fractions: input.fractions,
    seed: input.seed,
    idempotencyKey: idempotencyKey ?? null,
    input: asked,
  };
}

function inCount(field: string, values: readonly string[] | null, most: number): InputProblem[] {
  if (values === null || (values.length >= 1 && values.length <= most)) return [];
  const code = values.length === 0 ? 'REQUIRED' : 'TOO_LONG';
  return [problem([field], code, `There must be 1 to ${most}, not ${values.length}.`, 'Leave it out to take all.')];
}

function onlyOfLabels(given: Readonly<Record<'task' | 'confirmed', boolean>>): InputProblem[] {
  return (['task', 'confirmed'] as const).flatMap((field) =>
    given[field] ? [problem([field], 'INVALID_VALUE', 'It is for the form LABELS.', 'Leave it out.')] : [],
  );
}
