/**
 * The peer that most people would write: Apollo Server as it starts alone, resolvers of type-graphql, TypeORM's `find`
 * with a DataLoader for each relation. Argument: the database's URL.
 */
import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { Arg, buildSchema, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { DataSource, IsNull } from 'typeorm';
import { BaseModel, DatasetVersion, Evaluation, Experiment, Metric, Project, Run } from './entities.js';
import { createLoaders, type Loaders } from './loaders.js';

interface Context {
  readonly loaders: Loaders;
}

const dataSource = await new DataSource({
  type: 'postgres',
  url: process.argv[2]!,
  entities: [BaseModel, DatasetVersion, Evaluation, Experiment, Metric, Project, Run],
  installExtensions: false,
  // As many connections as an API process of Attune holds.
  extra: { max: 10 },
}).initialize();

@Resolver(() => Experiment)
class ExperimentResolver {
  @Query(() => [Experiment])
  async experiments(@Arg('project', () => String) slug: string, @Arg('first', () => Int) first: number) {
    const { id } = await dataSource.getRepository(Project).findOneByOrFail({ slug });
    return dataSource.getRepository(Experiment).find({
      where: { projectId: id, archivedAt: IsNull() },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: first,
    });
  }

  @Query(() => Experiment, { nullable: true })
  experiment(@Arg('id', () => ID) id: string) {
    return dataSource.getRepository(Experiment).findOneBy({ id });
  }

  @FieldResolver(() => String)
  async status(@Root() { id }: Experiment, @Ctx() { loaders }: Context) {
    return (await loaders.run.load(id)).status;
  }

  @FieldResolver(() => Date, { nullable: true })
  async startedAt(@Root() { id }: Experiment, @Ctx() { loaders }: Context) {
    return (await loaders.run.load(id)).startedAt;
  }

  @FieldResolver(() => Date, { nullable: true })
  async finishedAt(@Root() { id }: Experiment, @Ctx() { loaders }: Context) {
    return (await loaders.run.load(id)).finishedAt;
  }

  @FieldResolver(() => BaseModel)
  baseModel(@Root() { baseModelId }: Experiment, @Ctx() { loaders }: Context) {
    return loaders.baseModel.load(baseModelId);
  }

  @FieldResolver(() => DatasetVersion)
  datasetVersion(@Root() { datasetVersionId }: Experiment, @Ctx() { loaders }: Context) {
    return loaders.version.load(datasetVersionId);
  }

  @FieldResolver(() => [Metric])
  async summary(@Root() { id }: Experiment, @Ctx() { loaders }: Context) {
    return loaders.summary.load((await loaders.run.load(id)).id);
  }

  @FieldResolver(() => [Evaluation])
  async evaluations(@Root() { id }: Experiment, @Arg('first', () => Int) first: number, @Ctx() { loaders }: Context) {
    const run = await loaders.run.load(id);
    const model = await loaders.produced.load(run.id);
    return (await loaders.evaluations.load(model.id)).slice(0, first);
  }
}

const schema = await buildSchema({ resolvers: [ExperimentResolver], validate: false });
const { url } = await startStandaloneServer(new ApolloServer<Context>({ schema }), {
  listen: { port: 0, host: '127.0.0.1' },
  context: async () => ({ loaders: createLoaders(dataSource) }),
});
console.log(`listening ${url}`);
