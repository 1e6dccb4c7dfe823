import type { NetworkRules } from '../outbound/network-rules.js';
import type { Query } from '../protocol/sql/query.js';

/** What checks of rewards need. */
export interface RewardAccess {
  readonly query: Query;
  /** Where reward services may be. */
  readonly rules: NetworkRules;
  /** The key that secrets of reward services come from. */
  readonly rewardKey: Buffer;
}

/** What the rewards are for. */
export interface RewardUse {
  readonly project: { readonly id: string; readonly slug: string };
  /** Names of the columns of the prompts' rows; null: prompts have no rows. */
  readonly columns: readonly string[] | null;
  /** Of the list in the input. */
  readonly path: readonly string[];
}
