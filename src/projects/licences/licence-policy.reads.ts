import { LicencePolicy, usualLicencePolicy } from '../../protocol/licences/policy.js';
import type { Query } from '../../protocol/sql/query.js';

export interface LicencePolicyRow {
  readonly projectId: string;
  readonly policy: LicencePolicy;
}

/** Which licences of models the projects take. */
export async function licencePoliciesOf(query: Query, projectIds: readonly string[]): Promise<LicencePolicyRow[]> {
  const rows = await query<{ projectId: string; policy: unknown }>(
    'SELECT id AS "projectId", licence_policy AS policy FROM projects WHERE id = ANY($1::uuid[])',
    [projectIds],
  );
  return rows.map(({ projectId, policy }) => ({
    projectId,
    policy: policy === null ? usualLicencePolicy : LicencePolicy.parse(policy),
  }));
}

/** Which licences of models a project takes; the usual policy for one that does not exist. */
export async function licencePolicyOf(query: Query, projectId: string): Promise<LicencePolicy> {
  const [row] = await licencePoliciesOf(query, [projectId]);
  return row?.policy ?? usualLicencePolicy;
}
