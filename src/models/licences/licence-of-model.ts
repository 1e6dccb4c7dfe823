import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { licencePolicyOf } from '../../projects/licences/licence-policy.reads.js';
import { judgeLicence, type LicenceVerdict } from '../../protocol/licences/judge-licence.js';
import type { Query } from '../../protocol/sql/query.js';
import type { BaseModelRow } from '../base-model.reads.js';
import { requireBaseModel } from '../require-base-model.js';

/** What would help whose model is denied. */
export const deniedLicenceHint =
  "The project's owners decide which licences it takes (setLicencePolicy), and can say under which one a model is (setModelLicence).";

/**
 * The base model with this global id, of the project, and what the project's policy says of its licence.
 * @throws ProblemsError NOT_FOUND or LICENCE_DENIED at `path`
 */
export async function requireTakenModel(
  query: Query,
  id: string,
  projectId: string,
  path: readonly string[],
): Promise<{ readonly model: BaseModelRow; readonly verdict: LicenceVerdict }> {
  const model = await requireBaseModel(query, id, projectId, path);
  return { model, verdict: await requireTakenLicence(query, model, path) };
}

/**
 * What the policy of its project says of a model's licence.
 * @throws ProblemsError LICENCE_DENIED at `path` where it refuses the model
 */
export async function requireTakenLicence(
  query: Query,
  { projectId, name, licence }: Pick<BaseModelRow, 'projectId' | 'name' | 'licence'>,
  path: readonly string[],
): Promise<LicenceVerdict> {
  const verdict = judgeLicence(licence, await licencePolicyOf(query, projectId));
  if (verdict.decision === 'DENY') throw new ProblemsError([deniedModel(name, verdict, path)]);
  return verdict;
}

/** The problem of a model that the project's policy refuses. */
export function deniedModel(name: string, { reason }: LicenceVerdict, path: readonly string[]): InputProblem {
  const message = `The project's licence policy refuses “${name}”. ${reason}`;
  return problem(path, 'LICENCE_DENIED', message, deniedLicenceHint);
}
