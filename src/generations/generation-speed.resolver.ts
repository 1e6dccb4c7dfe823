import { Ctx, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { parseGlobalId } from '../graphql/global-id.js';
import { WorkerType } from '../workers/worker.type.js';
import { measuredGenerations } from './generation-speed.reads.js';

@ObjectType('GenerationSpeed', {
  description: `How fast a worker generates: medians over its last generations, ${measuredGenerations} at most, of whatever models and prompts.`,
  simpleResolvers: true,
})
class GenerationSpeedType {
  @Field(() => Int, { description: 'Over how many generations.' })
  generationCount!: number;

  @Field(() => Float, { nullable: true, description: 'Milliseconds to the first token.' })
  firstTokenMs!: number | null;

  @Field(() => Float, { nullable: true, description: 'Tokens a second after the first, of all answers together.' })
  tokensPerSecond!: number | null;
}

@Resolver(() => WorkerType)
export class GenerationSpeedResolver {
  @FieldResolver(() => GenerationSpeedType, {
    nullable: true,
    description: 'How fast it generates; null when it has generated nothing that is kept.',
    complexity: ({ childComplexity }) => 5 + childComplexity,
  })
  async generationSpeed(
    @Root() { id }: WorkerType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<GenerationSpeedType | null> {
    const row = await loaders.generations.speedOfWorker.load(parseGlobalId(id)!.uuid);
    return row === null ? null : Object.assign(new GenerationSpeedType(), row);
  }
}
