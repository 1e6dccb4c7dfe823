import { createKeyLoader } from '../../database/by-key.js';
import type { Query } from '../../protocol/sql/query.js';
import { licencePoliciesOf } from './licence-policy.reads.js';

declare module '../../access/context.js' {
  interface Loaders {
    /** By project. */
    readonly licencePolicies: ReturnType<typeof createLicencePolicyLoader>;
  }
}

export function createLicencePolicyLoader(query: Query) {
  return createKeyLoader(
    (ids) => licencePoliciesOf(query, ids),
    (row) => row.projectId,
  );
}
