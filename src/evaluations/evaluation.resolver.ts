import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Extensions, FieldResolver, ID, Info, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { datasetVersionsOf } from '../datasets/dataset-versions-of.js';
import { forAll, forOne } from '../graphql/execution/for-all.js';
import { followed } from '../graphql/followed.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { baseModelsOf } from '../models/base-models-of.js';
import { EvaluateInput, EvaluationActionInput } from './evaluation.input.js';
import type { EvaluationRow } from './evaluation.reads.js';
import type { EvaluationService } from './evaluation.service.js';
import { cancelEvaluationResult, EvaluationType, evaluateResult, toEvaluationType } from './evaluation.type.js';
import { FindingType } from './finding.type.js';
import { judgeEvaluation } from './judge-evaluation.js';
import { newestEvaluation } from './newest-evaluation.js';
import { toFindingTypes } from './to-finding-types.js';

@Resolver(() => EvaluationType)
export class EvaluationResolver {
  constructor(private readonly evaluations: EvaluationService) {}

  @Extensions(forAll(baseModelsOf))
  @FieldResolver(() => BaseModelType, { description: 'The model that is scored.' })
  model(
    @Root() evaluation: EvaluationType,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<BaseModelType> {
    return forOne(baseModelsOf, evaluation, null, context, info);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description:
      'The model that its tokens, or its probabilities of judged answers, are compared with; null without one, or if it was deleted since.',
  })
  async baseline(
    @Root() evaluation: EvaluationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    const { baselineUuid } = evaluation;
    return baselineUuid === null ? null : toBaseModelType(await existing(loaders.baseModels.byId, baselineUuid));
  }

  @Extensions(forAll(datasetVersionsOf))
  @FieldResolver(() => DatasetVersionType, { description: 'The data that it is scored on.' })
  datasetVersion(
    @Root() evaluation: EvaluationType,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<DatasetVersionType> {
    return forOne(datasetVersionsOf, evaluation, null, context, info);
  }

  @FieldResolver(() => [FindingType], {
    description:
      'What a person should know, although nothing failed, warnings first: of texts that the model learnt from, from the beginning on; of the scores and lengths once the evaluation has succeeded.',
  })
  findings(@Root() { dataFindings, storedScores, split }: EvaluationType): FindingType[] {
    return toFindingTypes([...dataFindings, ...judgeEvaluation(storedScores, split)]);
  }

  @Mutation(() => evaluateResult, {
    description:
      'Queues the scoring of a model on a split: of its heads, or of its own predictions of tokens. Never waits for a training run.',
  })
  evaluate(
    @Arg('input', () => EvaluateInput, { description: 'The model, and what to score it on.' }) input: EvaluateInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toEvaluationType(await loaded(loaders.evaluations.byId, await this.evaluations.evaluate(input))),
    );
  }

  @Mutation(() => cancelEvaluationResult, {
    description: 'Cancels an evaluation, whether it waits or is running. Canceling it again changes nothing.',
  })
  cancelEvaluation(
    @Arg('input', () => EvaluationActionInput, { description: 'Which one.' }) input: EvaluationActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('Evaluation', input.evaluationId, ['evaluationId']);
      await this.evaluations.cancel(id);
      return toEvaluationType(await loaded(loaders.evaluations.byId, id));
    });
  }

  @Subscription(() => EvaluationType, {
    description:
      'An evaluation as it is now, then after each change. The subscription completes when the evaluation has ended.',
    subscribe: ({ args, context }: { args: { evaluationId: string }; context: GraphQLContext }) =>
      followed('Evaluation', args.evaluationId, context.loaders.evaluations.byId, context.live.evaluation),
  })
  evaluationChanged(
    @Root() row: EvaluationRow,
    @Arg('evaluationId', () => ID, { description: 'The evaluation.' }) _evaluationId: string,
  ): EvaluationType {
    return toEvaluationType(row);
  }
}

@Resolver(() => BaseModelType)
export class ModelLatestEvaluationResolver {
  @FieldResolver(() => EvaluationType, {
    nullable: true,
    description: 'The newest of its evaluations, whatever its status; null without any.',
  })
  latestEvaluation(@Root() model: BaseModelType, @Ctx() { loaders }: GraphQLContext) {
    return newestEvaluation(loaders.evaluations.ofModel, model.uuid);
  }
}
