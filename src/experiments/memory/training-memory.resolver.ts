import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext, Loaders } from '../../access/context.js';
import { checkRange } from '../../graphql/check-range.js';
import { BaseModelType } from '../../models/base-model.type.js';
import { mostTokens } from '../../protocol/usual-tokens.js';
import { BaseModelInspectionType } from '../../transfers/inspection/inspection.type.js';
import { type AskedTraining, memoryToTrain } from './memory-to-train.js';
import { TrainingMemoryArgs, TrainingMemoryType, toTrainingMemoryType } from './training-memory.type.js';

const description =
  'What it takes in memory to train it: in full, with a head alone, and with an adapter over weights in 32, 16, 8 and 4 bits; and whether the largest worker has that.';

@Resolver(() => BaseModelType)
export class ModelMemoryResolver {
  @FieldResolver(() => TrainingMemoryType, { description, complexity: 10 })
  async trainingMemory(
    @Root() { config, manifestLayers }: BaseModelType,
    @Args(() => TrainingMemoryArgs) asked: TrainingMemoryArgs,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<TrainingMemoryType> {
    const memory = memoryToTrain({ config, layers: manifestLayers }, checked(asked));
    return toTrainingMemoryType(memory, await largestWorker(loaders));
  }
}

@Resolver(() => BaseModelInspectionType)
export class InspectionMemoryResolver {
  @FieldResolver(() => TrainingMemoryType, {
    nullable: true,
    description: `${description} Null where it is not supported.`,
    complexity: 10,
  })
  async trainingMemory(
    @Root() { inspected }: BaseModelInspectionType,
    @Args(() => TrainingMemoryArgs) asked: TrainingMemoryArgs,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<TrainingMemoryType | null> {
    const training = checked(asked);
    if (inspected === null) return null;
    const memory = memoryToTrain(inspected, training);
    return toTrainingMemoryType(memory, await largestWorker(loaders));
  }
}

function checked(asked: AskedTraining): AskedTraining {
  if (asked.batchSize != null) checkRange('batchSize', asked.batchSize, 1, 1024);
  if (asked.maxLength != null) checkRange('maxLength', asked.maxLength, 4, mostTokens);
  if (asked.rank != null) checkRange('rank', asked.rank, 1, 1024);
  return asked;
}

async function largestWorker(loaders: Loaders): Promise<number | null> {
  const bytes = (await loaders.onlineWorkers.load('')).flatMap(({ memoryBytes }) => memoryBytes ?? []);
  return bytes.length === 0 ? null : Math.max(...bytes);
}
