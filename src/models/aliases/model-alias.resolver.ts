import { Arg, Args, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems, resultUnion } from '../../graphql/problem.type.js';
import { toUserType, UserType } from '../../people/user.type.js';
import { ProjectType } from '../../projects/project.type.js';
import { BaseModelType, toBaseModelType } from '../base-model.type.js';
import { RemoveModelAliasInput, SetModelAliasInput } from './model-alias.input.js';
import type { ModelAliasService } from './model-alias.service.js';
import {
  ModelAliasMoveType,
  ModelAliasType,
  modelAliases,
  modelAliasMoves,
  toModelAliasMoveType,
  toModelAliasType,
} from './model-alias.type.js';

@ObjectType('RemovedModelAlias', { description: 'An alias that was removed.', simpleResolvers: true })
class RemovedModelAliasType {
  projectUuid!: string;

  @Field(() => ID, { description: 'The id that the alias had.' })
  aliasId!: string;

  @Field(() => String, { description: 'Its name, which is free again.' })
  name!: string;
}

const setModelAliasResult = resultUnion(
  'SetModelAliasResult',
  'The alias, which stands for the model; or why nothing was changed.',
  ModelAliasType,
);
const removeModelAliasResult = resultUnion(
  'RemoveModelAliasResult',
  'The alias that was removed; or why it was not.',
  RemovedModelAliasType,
);

@Resolver(() => ModelAliasType)
export class ModelAliasResolver {
  constructor(private readonly aliases: ModelAliasService) {}

  @FieldResolver(() => BaseModelType, { description: 'The model that the alias stands for.' })
  async model(@Root() { modelUuid }: ModelAliasType, @Ctx() { loaders }: GraphQLContext): Promise<BaseModelType> {
    return toBaseModelType(await existing(loaders.baseModels.byId, modelUuid));
  }

  @FieldResolver(() => modelAliasMoves.Connection, {
    description: 'Which models an alias of this name has stood for, the last move first.',
    complexity: pageComplexity,
  })
  history(@Root() alias: ModelAliasType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.modelAliases.movesOfAlias,
      parent: alias.uuid,
      page,
      toNode: toModelAliasMoveType,
      toConnection: modelAliasMoves.toConnection,
    });
  }

  @Mutation(() => setModelAliasResult, {
    description:
      'Lets an alias stand for a model, in one step: whoever predicts by the alias gets the former model or this one, and never none. Setting it again changes nothing.',
  })
  setModelAlias(
    @Arg('input', () => SetModelAliasInput, { description: 'The alias, and the model.' }) input: SetModelAliasInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toModelAliasType(await loaded(loaders.modelAliases.byId, await this.aliases.set(input))),
    );
  }

  @Mutation(() => removeModelAliasResult, { description: 'Removes an alias. The model and the history stay.' })
  removeModelAlias(
    @Arg('input', () => RemoveModelAliasInput, { description: 'Which one.' }) input: RemoveModelAliasInput,
  ) {
    return orProblems(async () => {
      const { projectId, name } = await this.aliases.remove(input);
      return Object.assign(new RemovedModelAliasType(), { projectUuid: projectId, aliasId: input.aliasId, name });
    });
  }
}

@Resolver(() => ModelAliasMoveType)
export class ModelAliasMoveResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'Who moved it.' })
  async movedBy(
    @Root() { movedByUuid }: ModelAliasMoveType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<UserType | null> {
    return movedByUuid === null ? null : toUserType(await existing(loaders.people.userById, movedByUuid));
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the alias stood for before; null: none, or the model no longer exists.',
  })
  fromModel(@Root() { fromModelUuid }: ModelAliasMoveType, @Ctx() context: GraphQLContext) {
    return modelOrNull(fromModelUuid, context);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the alias stood for afterwards; null: none, or the model no longer exists.',
  })
  toModel(@Root() { toModelUuid }: ModelAliasMoveType, @Ctx() context: GraphQLContext) {
    return modelOrNull(toModelUuid, context);
  }
}

@Resolver(() => BaseModelType)
export class ModelAliasesResolver {
  @FieldResolver(() => modelAliases.Connection, {
    description: 'The aliases that stand for the model, by name.',
    complexity: pageComplexity,
  })
  aliases(@Root() model: BaseModelType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.modelAliases.ofModel,
      parent: model.uuid,
      page,
      toNode: toModelAliasType,
      toConnection: modelAliases.toConnection,
    });
  }
}

@Resolver(() => ProjectType)
export class ProjectModelAliasesResolver {
  @FieldResolver(() => modelAliases.Connection, {
    description: 'Aliases of models, by name.',
    complexity: pageComplexity,
  })
  modelAliases(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.modelAliases.ofProject,
      parent: project.uuid,
      page,
      toNode: toModelAliasType,
      toConnection: modelAliases.toConnection,
    });
  }

  @FieldResolver(() => ModelAliasType, { nullable: true, description: 'An alias by name; null when there is none.' })
  async modelAlias(
    @Root() project: ProjectType,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ModelAliasType | null> {
    const row = await loaders.modelAliases.byName.load({ projectId: project.uuid, name });
    return row === null ? null : toModelAliasType(row);
  }

  @FieldResolver(() => modelAliasMoves.Connection, {
    description: 'The history of all aliases, those that were removed included; the last move first.',
    complexity: pageComplexity,
  })
  modelAliasMoves(
    @Root() project: ProjectType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.modelAliases.movesOfProject,
      parent: project.uuid,
      page,
      toNode: toModelAliasMoveType,
      toConnection: modelAliasMoves.toConnection,
    });
  }
}

async function modelOrNull(uuid: string | null, { loaders }: GraphQLContext): Promise<BaseModelType | null> {
  const row = uuid === null ? null : await loaders.baseModels.byId.load(uuid);
  return row === null ? null : toBaseModelType(row);
}
