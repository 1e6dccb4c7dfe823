import { createKeyLoader, createListLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import {
  type LoopRow,
  loopsByIds,
  loopsOfProject,
  type RoundRow,
  roundsOfExperiments,
  roundsOfLoops,
  roundsOfModels,
  roundsOfTasks,
  roundsOfVersions,
} from './loop.reads.js';
import { eventsOfLoop, type LoopEventRow } from './loop-event.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly loops: ReturnType<typeof createLoopLoaders>;
  }
}

type RoundOf = RoundRow & { readonly key: string };
type ReadRounds = (query: Query, ids: readonly string[]) => Promise<readonly RoundOf[]>;

export function createLoopLoaders(query: Query) {
  const roundsBy = (read: ReadRounds) =>
    createListLoader<RoundOf>(
      (ids) => read(query, ids),
      (row) => row.key,
    );
  return {
    byId: createKeyLoader<LoopRow>(
      (ids) => loopsByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<LoopRow>(query, loopsOfProject),
    /** The first ones first. */
    roundsOfLoop: createListLoader<RoundRow>(
      (ids) => roundsOfLoops(query, ids),
      (row) => row.loopId,
    ),
    roundsOfTask: roundsBy(roundsOfTasks),
    roundsOfVersion: roundsBy(roundsOfVersions),
    roundsOfExperiment: roundsBy(roundsOfExperiments),
    roundsOfModel: roundsBy(roundsOfModels),
    events: createChildPageLoader<LoopEventRow>(query, eventsOfLoop),
  };
}
