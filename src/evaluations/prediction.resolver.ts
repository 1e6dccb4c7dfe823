import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { PredictInput } from './evaluation.input.js';
import type { PredictionService } from './prediction.service.js';
import { PredictionType, predictResult, toPredictionType } from './prediction.type.js';

@Resolver()
export class PredictionResolver {
  constructor(private readonly predictions: PredictionService) {}

  @Mutation(() => predictResult, {
    description:
      'Predicts with each head of a model for each text. Answers when a worker has computed it; never waits for a training run.',
  })
  predict(@Arg('input', () => PredictInput, { description: 'The model and the texts.' }) input: PredictInput) {
    return orProblems(async () => {
      const { model, texts } = await this.predictions.predict(input);
      return toPredictionType(model, texts);
    });
  }
}

@Resolver(() => PredictionType)
export class PredictionModelResolver {
  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description:
      'The model that predicted: of an alias, the one that it stood for. Null when the model was deleted meanwhile.',
  })
  async model(
    @Root() { modelUuid }: PredictionType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    const row = await loaders.baseModels.byId.load(modelUuid);
    return row === null ? null : toBaseModelType(row);
  }
}
