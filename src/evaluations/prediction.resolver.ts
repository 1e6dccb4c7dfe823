import { Arg, Mutation, Resolver } from 'type-graphql';
import { orProblems } from '../graphql/problem.type.js';
import { PredictInput } from './evaluation.input.js';
import type { PredictionService } from './prediction.service.js';
import { predictResult, toPredictionType } from './prediction.type.js';

@Resolver()
export class PredictionResolver {
  constructor(private readonly predictions: PredictionService) {}

  @Mutation(() => predictResult, {
    description:
      'Predicts with each head of a model for each text. Answers when a worker has computed it; never waits for a training run.',
  })
  predict(@Arg('input', () => PredictInput, { description: 'The model and the texts.' }) input: PredictInput) {
    return orProblems(async () => toPredictionType(await this.predictions.predict(input)));
  }
}
