import { ProblemsError, problem } from '../../problems/problem.js';
import { licencePolicyOf } from '../../projects/licences/licence-policy.reads.js';
import { judgeLicence, type LicenceVerdict } from '../../protocol/licences/judge-licence.js';
import type { Query } from '../../protocol/sql/query.js';
import type { BaseModelRow } from '../base-model.reads.js';

/** What would help whose model is denied. */
export const deniedLicenceHint =
  "The project's owners decide which licences it takes (setLicencePolicy), and can say under which one a model is (setModelLicence).";

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
  if (verdict.decision !== 'DENY') return verdict;
  const message = `The project's licence policy refuses “${name}”. ${verdict.reason}`;
  throw new ProblemsError([problem(path, 'LICENCE_DENIED', message, deniedLicenceHint)]);
}
