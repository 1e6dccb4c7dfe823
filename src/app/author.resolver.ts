import { type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetType } from '../datasets/dataset.type.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { EvaluationType } from '../evaluations/evaluation.type.js';
import { ExperimentType } from '../experiments/experiment.type.js';
import { existing } from '../graphql/load-row.js';
import { BaseModelType } from '../models/base-model.type.js';
import { toUserType, UserType } from '../people/user.type.js';
import { ModelExportType } from '../transfers/model-export.type.js';
import { ModelImportType } from '../transfers/model-import.type.js';
import { WebhookType } from '../webhooks/webhook.type.js';

interface Authored {
  readonly authorUuid: string | null;
}

function authorResolver(Type: ClassType<Authored>) {
  @Resolver(() => Type)
  class AuthorResolver {
    @FieldResolver(() => UserType, {
      nullable: true,
      description: "Who created the object; null: it came with the server, or is older than the server's users.",
    })
    async author(@Root() { authorUuid }: Authored, @Ctx() { loaders }: GraphQLContext): Promise<UserType | null> {
      return authorUuid === null ? null : toUserType(await existing(loaders.people.userById, authorUuid));
    }
  }
  return AuthorResolver;
}

/** The field `author` of every type whose objects a user creates. */
export const authorResolvers = [
  DatasetType,
  DatasetVersionType,
  BaseModelType,
  ExperimentType,
  EvaluationType,
  ModelImportType,
  ModelExportType,
  WebhookType,
].map(authorResolver);
