import { Arg, Ctx, Extensions, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { checkRange } from '../graphql/check-range.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { maxLabels } from '../protocol/heads.js';
import { mutationComplexity } from '../server/operation-cost.js';
import { PredictInput } from './evaluation.input.js';
import type { PredictionService } from './prediction.service.js';
import {
  ClassificationPredictionType,
  LabelDecisionType,
  LabelProbabilityType,
  MultiLabelPredictionType,
  PredictionType,
  predictResult,
  toPredictionType,
} from './prediction.type.js';

/** Asked as a query, a prediction costs what the mutation does, since it occupies a worker just the same. */
const complexity = ({ childComplexity }: { readonly childComplexity: number }): number =>
  mutationComplexity + childComplexity;

@Resolver()
export class PredictionResolver {
  constructor(private readonly predictions: PredictionService) {}

  @Mutation(() => predictResult, {
    description:
      'Predicts with each head of a model for each text. Answers when a worker has computed it; never waits for a training run.',
  })
  predict(@Arg('input', () => PredictInput, { description: 'The model and the texts.' }) input: PredictInput) {
    return this.answer(input);
  }

  @Query(() => predictResult, {
    description:
      'What `predict` gives, as a query: it changes nothing, may be asked together with other fields, and costs as much as a mutation. By GET its texts stand in the URL, which proxies may log.',
    complexity,
  })
  prediction(@Arg('input', () => PredictInput, { description: 'The model and the texts.' }) input: PredictInput) {
    return this.answer(input);
  }

  private answer(input: PredictInput) {
    return orProblems(async () => toPredictionType(await this.predictions.predict(input)));
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

/** At most so many of the labels that a head knows. */
const first = {
  nullable: true,
  description: `How many of the most likely labels to return, from 1 to ${maxLabels}. Default: all.`,
} as const;

/** Throws a GraphQL error BAD_USER_INPUT. */
function firstOf<Label>(labels: readonly Label[], count: number | null | undefined): readonly Label[] {
  return count == null ? labels : labels.slice(0, checkRange('first', count, 1, maxLabels));
}

@Resolver(() => ClassificationPredictionType)
export class ClassificationPredictionResolver {
  @Extensions({ maxPageSize: maxLabels })
  @FieldResolver(() => [LabelProbabilityType], { description: 'Its labels, most likely first.' })
  labels(@Root() { allLabels }: ClassificationPredictionType, @Arg('first', () => Int, first) count?: number | null) {
    return firstOf(allLabels, count);
  }
}

@Resolver(() => MultiLabelPredictionType)
export class MultiLabelPredictionResolver {
  @Extensions({ maxPageSize: maxLabels })
  @FieldResolver(() => [LabelDecisionType], { description: 'Its labels, most likely first.' })
  labels(@Root() { allLabels }: MultiLabelPredictionType, @Arg('first', () => Int, first) count?: number | null) {
    return firstOf(allLabels, count);
  }
}
