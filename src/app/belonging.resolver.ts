import { type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetType } from '../datasets/dataset.type.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { EvaluationType } from '../evaluations/evaluation.type.js';
import { ExperimentType } from '../experiments/experiment.type.js';
import { existing } from '../graphql/load-row.js';
import { BaseModelType } from '../models/base-model.type.js';
import { ProjectType, toProjectType } from '../projects/project.type.js';
import { ModelExportType } from '../transfers/model-export.type.js';
import { ModelImportType } from '../transfers/model-import.type.js';
import { WebhookType } from '../webhooks/webhook.type.js';

interface OfProject {
  readonly projectUuid: string;
}

function belongingResolver(Type: ClassType<OfProject>) {
  @Resolver(() => Type)
  class BelongingResolver {
    @FieldResolver(() => ProjectType, { description: 'The project that the object belongs to.' })
    async project(@Root() { projectUuid }: OfProject, @Ctx() { loaders }: GraphQLContext): Promise<ProjectType> {
      return toProjectType(await existing(loaders.projects, projectUuid));
    }
  }
  return BelongingResolver;
}

/**
 * The field `project` of objects that can be reached by their id alone. It shows which project they belong to, and what
 * the viewer may do with them there.
 */
export const belongingResolvers = [
  DatasetType,
  DatasetVersionType,
  BaseModelType,
  ExperimentType,
  EvaluationType,
  ModelImportType,
  ModelExportType,
  WebhookType,
].map(belongingResolver);
