import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { rowId } from '../graphql/global-id.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems, resultUnion } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from './base-model.type.js';
import { UpdateModelInput } from './update-model.input.js';
import type { UpdateModelService } from './update-model.service.js';

const updateModelResult = resultUnion(
  'UpdateModelResult',
  'The changed model; or why nothing was changed.',
  BaseModelType,
);

@Resolver()
export class UpdateModelResolver {
  constructor(private readonly service: UpdateModelService) {}

  @Mutation(() => updateModelResult, {
    description: 'Changes name, tags or notes of a model. Its weights, tokenizer and heads do not change.',
  })
  updateModel(
    @Arg('input', () => UpdateModelInput, { description: 'The model, and what to change.' }) input: UpdateModelInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('BaseModel', input.modelId, ['modelId']);
      await this.service.update(id, input);
      return toBaseModelType(await loaded(loaders.baseModels.byId, id));
    });
  }
}
