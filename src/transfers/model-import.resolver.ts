import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { followed } from '../graphql/followed.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { ImportBaseModelInput, ModelImportActionInput } from './model-import.input.js';
import type { ModelImportService } from './model-import.service.js';
import {
  cancelModelImportResult,
  importBaseModelResult,
  ModelImportType,
  toModelImportType,
} from './model-import.type.js';
import type { ModelImportRow } from './transfer.reads.js';

@Resolver(() => ModelImportType)
export class ModelImportResolver {
  constructor(private readonly imports: ModelImportService) {}

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model; null until the import has succeeded.',
  })
  async model(
    @Root() { baseModelUuid }: ModelImportType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    return baseModelUuid === null ? null : toBaseModelType(await existing(loaders.baseModels.byId, baseModelUuid));
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the imported adapter is for; null for a whole model.',
  })
  async adapterBaseModel(
    @Root() { adapterBaseModelUuid: uuid }: ModelImportType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    return uuid === null ? null : toBaseModelType(await existing(loaders.baseModels.byId, uuid));
  }

  @Mutation(() => importBaseModelResult, {
    description:
      "Queues the import of a model in Hugging Face's layout: BERT, DistilBERT, RoBERTa, XLM-RoBERTa, ELECTRA, MPNet, DeBERTa-v2, ModernBERT, GPT-2, Llama, Mistral, Qwen2, Qwen3 or the text model of Gemma 3, whole or a PEFT adapter. A worker reads, checks and converts it; follow the import with modelImportChanged. With `source: { configuration }` a model is made from nothing in the same way.",
  })
  importBaseModel(
    @Arg('input', () => ImportBaseModelInput, { description: 'The model, and where it comes from.' })
    input: ImportBaseModelInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toModelImportType(await loaded(loaders.transfers.importById, await this.imports.importBaseModel(input))),
    );
  }

  @Mutation(() => cancelModelImportResult, {
    description:
      'Cancels an import. A waiting import ends at once, a running one within moments. Canceling it again changes nothing.',
  })
  cancelModelImport(
    @Arg('input', () => ModelImportActionInput, { description: 'Which one.' }) input: ModelImportActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('ModelImport', input.importId, ['importId']);
      await this.imports.cancel(id);
      return toModelImportType(await loaded(loaders.transfers.importById, id));
    });
  }

  @Subscription(() => ModelImportType, {
    description:
      'An import as it is now, then after each change. The subscription completes when the import has ended.',
    subscribe: ({ args, context }: { args: { importId: string }; context: GraphQLContext }) =>
      followed('ModelImport', args.importId, context.loaders.transfers.importById, context.live.modelImport),
  })
  modelImportChanged(
    @Root() row: ModelImportRow,
    @Arg('importId', () => ID, { description: 'The import.' }) _importId: string,
  ): ModelImportType {
    return toModelImportType(row);
  }
}
