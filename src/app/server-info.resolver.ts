import { Query, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import type { WorkerReads, WorkerRow } from '../workers/worker.reads.js';
import { toWorkerType, WorkerType } from '../workers/worker.type.js';
import { type ServerFeature, ServerInfoType, type ServerLimitsType } from './server-info.type.js';

@Resolver()
export class ServerInfoResolver {
  constructor(
    private readonly workers: WorkerReads,
    private readonly version: string,
    private readonly features: readonly ServerFeature[],
    private readonly limits: ServerLimitsType,
  ) {}

  @Query(() => ServerInfoType, { description: 'What this server is and can do.' })
  async serverInfo(): Promise<ServerInfoType> {
    const workers = await this.workers.online();
    return Object.assign(new ServerInfoType(), {
      version: this.version,
      workers: workers.map(toWorkerType),
      features: this.features,
      limits: this.limits,
    });
  }

  @Subscription(() => WorkerType, {
    description: 'Each worker that starts, changes or goes. Heartbeats alone are not reported.',
    subscribe: ({ context }) => changedWorkers(context),
  })
  workerStatus(@Root() worker: WorkerRow): WorkerType {
    return toWorkerType(worker);
  }
}

async function* changedWorkers({ live, loaders }: GraphQLContext): AsyncGenerator<WorkerRow> {
  for await (const id of live.workerChanges()) {
    const worker = await loaders.workers.clear(id).load(id);
    if (worker !== null) yield worker;
  }
}
