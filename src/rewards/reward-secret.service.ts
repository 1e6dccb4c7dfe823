import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { normalizedUrl } from '../outbound/outbound-url.js';
import { serviceKey } from '../outbound/reward-secret.js';
import { secretOfKey } from '../outbound/signature.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import { checkServiceUrl } from './plan-service.js';
import type { RewardAccess } from './reward-access.js';
import type { RewardServiceSecretInput } from './reward-secret.type.js';

/** The secrets of reward services. Throws ProblemsError. */
export interface RewardSecretService {
  secretOf(input: RewardServiceSecretInput): Promise<string>;
}

export function createRewardSecretService(options: {
  readonly dataSource: DataSource;
  readonly access: Pick<RewardAccess, 'rules' | 'rewardKey'>;
}): RewardSecretService {
  const { dataSource, access } = options;
  return {
    secretOf: ({ projectSlug, url, secretNumber }) =>
      // A transaction, with which the audit log's entry is committed.
      inTransaction(dataSource, async ({ query }) => {
        const project = await requireProject(query, projectSlug);
        const problems = [
          ...checkServiceUrl(url, access.rules, ['url']),
          ...(secretNumber >= 1 ? [] : [problem(['secretNumber'], 'INVALID_VALUE', 'Numbers of secrets begin at 1.')]),
        ];
        if (problems.length > 0) throw new ProblemsError(problems);
        return secretOfKey(
          serviceKey(access.rewardKey, { projectId: project.id, url: normalizedUrl(url), secretNumber }),
        );
      }),
  };
}
