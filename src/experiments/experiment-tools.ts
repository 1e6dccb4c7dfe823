import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { TargetReader } from '../datasets/targets.js';
import type { ChatSources } from '../models/chat-sources.js';
import type { Tokenizers } from '../models/tokenizers.js';
import type { Query } from '../protocol/sql/query.js';
import type { RewardAccess } from '../rewards/reward-access.js';
import type { WorkerReads } from '../workers/worker.reads.js';

/** What experiments are resolved, planned and written with. */
export interface ExperimentTools {
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly examples: TargetReader & Pick<ExampleReader, 'sampleTexts' | 'findDuplicates' | 'readExamples'>;
  readonly tokenizers: Tokenizers;
  readonly chatSources: ChatSources;
  readonly workers: Pick<WorkerReads, 'online'>;
  readonly rewardAccess: RewardAccess;
}
