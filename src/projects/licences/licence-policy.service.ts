import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database/transaction.js';
import { ProblemsError } from '../../problems/problem.js';
import { asEntry } from '../../protocol/licences/judge-licence.js';
import type { LicencePolicy } from '../../protocol/licences/policy.js';
import { requireProject } from '../require-project.js';
import { checkEntries, checkTwice } from './check-entries.js';
import type { SetLicencePolicyInput } from './licence-policy.input.js';
import { licencePolicyOf } from './licence-policy.reads.js';

export interface LicencePolicyService {
  /** Returns the project's id. Throws ProblemsError. */
  set(input: SetLicencePolicyInput): Promise<string>;
}

export function createLicencePolicyService({ dataSource }: { readonly dataSource: DataSource }): LicencePolicyService {
  return {
    async set(input) {
      const problems = checkEntries(input);
      if (problems.length > 0) throw new ProblemsError(problems);
      return inTransaction(dataSource, async ({ query }) => {
        const { id } = await requireProject(query, input.projectSlug);
        // Of two who change different lists at once, the second changes what the first made.
        await query('SELECT FROM projects WHERE id = $1 FOR UPDATE', [id]);
        const former = await licencePolicyOf(query, id);
        const policy: LicencePolicy = {
          allow: listOf(input.allow, former.allow),
          warn: listOf(input.warn, former.warn),
          deny: listOf(input.deny, former.deny),
          unlisted: input.unlisted ?? former.unlisted,
          unknown: input.unknown ?? former.unknown,
        };
        const twice = checkTwice(policy);
        if (twice.length > 0) throw new ProblemsError(twice);
        await query('UPDATE projects SET licence_policy = $2 WHERE id = $1', [id, JSON.stringify(policy)]);
        return id;
      });
    },
  };
}

function listOf(given: readonly string[] | null | undefined, former: readonly string[]): string[] {
  return given == null ? [...former] : [...new Set(given.map(asEntry))];
}
