import DataLoader from 'dataloader';
import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import { groupBy } from '../database/group-by.js';
import { LoggedGenerationEvent } from '../protocol/generation.js';
import type { Query } from '../protocol/sql/query.js';
import {
  eventsOfGeneration,
  type GenerationEventRow,
  type GenerationRow,
  generationsByIds,
  generationsOfProject,
  logsOfGenerations,
} from './generation.reads.js';
import { type GenerationSpeedRow, speedsOfWorkers } from './generation-speed.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly generations: ReturnType<typeof createGenerationLoaders>;
  }
}

export function createGenerationLoaders(query: Query) {
  return {
    byId: createKeyLoader<GenerationRow>(
      (ids) => generationsByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<GenerationRow>(query, generationsOfProject),
    events: createChildPageLoader<GenerationEventRow>(query, eventsOfGeneration),
    /** The whole log of a generation. */
    log: new DataLoader<string, readonly LoggedGenerationEvent[]>(async (ids) => {
      const logs = groupBy(await logsOfGenerations(query, ids), ({ generationId }) => generationId);
      return ids.map((id) => (logs.get(id) ?? []).map(({ payload }) => LoggedGenerationEvent.parse(payload)));
    }),
    /** By the row id of a worker; null: it has generated nothing lately. */
    speedOfWorker: createKeyLoader<GenerationSpeedRow>(
      (ids) => speedsOfWorkers(query, ids),
      (row) => row.workerId,
    ),
  };
}
