import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { rowId } from '../graphql/global-id.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { CloneExperimentInput } from './clone.input.js';
import { CreateExperimentInput, ExperimentActionInput } from './experiment.input.js';
import type { ExperimentService } from './experiment.service.js';
import {
  cancelExperimentResult,
  cloneExperimentResult,
  createExperimentResult,
  pauseExperimentResult,
  resumeExperimentResult,
  toExperimentType,
} from './experiment.type.js';
import { planExperimentResult, toExperimentPlanType } from './experiment-plan.type.js';

@Resolver()
export class ExperimentCommandsResolver {
  constructor(private readonly experiments: ExperimentService) {}

  @Query(() => planExperimentResult, {
    description:
      'Computes what createExperiment would do with the same input, without doing it: the plan, or all problems.',
  })
  planExperiment(
    @Arg('input', () => CreateExperimentInput, { description: 'The input of createExperiment.' })
    input: CreateExperimentInput,
  ) {
    return orProblems(async () => toExperimentPlanType(await this.experiments.plan(input)));
  }

  @Mutation(() => createExperimentResult, {
    description:
      'Checks an experiment against its data and model, and queues its run. A faulty input is refused with all its problems at once.',
  })
  createExperiment(
    @Arg('input', () => CreateExperimentInput, { description: 'Everything that determines the experiment.' })
    input: CreateExperimentInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toExperimentType(await loaded(loaders.experiments.byId, await this.experiments.create(input))),
    );
  }

  @Query(() => planExperimentResult, {
    description: 'Computes what cloneExperiment would do with the same input, without doing it.',
  })
  planClone(
    @Arg('input', () => CloneExperimentInput, { description: 'The input of cloneExperiment.' })
    input: CloneExperimentInput,
  ) {
    return orProblems(async () => {
      const id = rowId('Experiment', input.experimentId, ['experimentId']);
      return toExperimentPlanType(await this.experiments.planClone(id, input));
    });
  }

  @Mutation(() => cloneExperimentResult, {
    description:
      'Creates a new experiment from the configuration of another one, with any part of it replaced, checks it as createExperiment does, and queues its run. Without a change it trains the same again.',
  })
  cloneExperiment(
    @Arg('input', () => CloneExperimentInput, { description: 'The source, and the parts to replace.' })
    input: CloneExperimentInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('Experiment', input.experimentId, ['experimentId']);
      return toExperimentType(await loaded(loaders.experiments.byId, await this.experiments.clone(id, input)));
    });
  }

  @Mutation(() => cancelExperimentResult, {
    description: 'Cancels an experiment. A running one stops within one step; its measurements stay.',
  })
  cancelExperiment(
    @Arg('input', () => ExperimentActionInput, { description: 'Which one.' }) input: ExperimentActionInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(input, context, (id) => this.experiments.cancel(id));
  }

  @Mutation(() => pauseExperimentResult, {
    description:
      'Pauses an experiment at a checkpoint within one step, so that it can be resumed later. Its worker is free meanwhile.',
  })
  pauseExperiment(
    @Arg('input', () => ExperimentActionInput, { description: 'Which one.' }) input: ExperimentActionInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(input, context, (id) => this.experiments.pause(id));
  }

  @Mutation(() => resumeExperimentResult, {
    description:
      'Queues a paused experiment again. It resumes from its last checkpoint, with the same result as if it had never been paused.',
  })
  resumeExperiment(
    @Arg('input', () => ExperimentActionInput, { description: 'Which one.' }) input: ExperimentActionInput,
    @Ctx() context: GraphQLContext,
  ) {
    return this.act(input, context, (id) => this.experiments.resume(id));
  }

  private act(input: ExperimentActionInput, { loaders }: GraphQLContext, action: (id: string) => Promise<void>) {
    return orProblems(async () => {
      const id = rowId('Experiment', input.experimentId, ['experimentId']);
      await action(id);
      return toExperimentType(await loaded(loaders.experiments.byId, id));
    });
  }
}
