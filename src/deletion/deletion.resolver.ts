import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { rowId } from '../graphql/global-id.js';
import { orProblems } from '../graphql/problem.type.js';
import type { DeleteProjectService } from './delete-project.service.js';
import type { DeleteUserService } from './delete-user.service.js';
import {
  DeleteBatchPredictionInput,
  DeleteDatasetExportInput,
  DeleteDatasetInput,
  DeleteDatasetVersionInput,
  DeleteEvaluationInput,
  DeleteExperimentInput,
  DeleteFeedbackLoopInput,
  DeleteFeedbackTaskInput,
  DeleteModelExportInput,
  DeleteModelImportInput,
  DeleteModelInput,
  DeleteProjectInput,
  DeleteScoredSamplesInput,
  DeleteUserInput,
  type HowToDelete,
} from './deletion.input.js';
import type { DeletionService } from './deletion.service.js';
import {
  deleteBatchPredictionResult,
  deleteDatasetExportResult,
  deleteDatasetResult,
  deleteDatasetVersionResult,
  deleteEvaluationResult,
  deleteExperimentResult,
  deleteFeedbackLoopResult,
  deleteFeedbackTaskResult,
  deleteModelExportResult,
  deleteModelImportResult,
  deleteModelResult,
  deleteProjectResult,
  deleteScoredSamplesResult,
  deleteUserResult,
  toDeletionType,
} from './deletion.type.js';
import type { DeletableKind } from './lineage.js';

const again = 'Deleting it again returns what the first call did.';
const which = { description: 'Which one, and how.' };

@Resolver()
export class DeletionResolver {
  constructor(
    private readonly deletions: DeletionService,
    private readonly projects: DeleteProjectService,
    private readonly users: DeleteUserService,
  ) {}

  @Mutation(() => deleteDatasetResult, {
    description: `Deletes a dataset with all its versions and their files. Refused while experiments, evaluations, batch predictions or exports use a version, unless they go too. ${again}`,
  })
  deleteDataset(@Arg('input', () => DeleteDatasetInput, which) input: DeleteDatasetInput) {
    return this.act('Dataset', 'datasetId', input.datasetId, input);
  }

  @Mutation(() => deleteDatasetVersionResult, {
    description: `Deletes a version of a dataset and its files. Its number is not given again. Refused while experiments, evaluations, batch predictions or exports use it, unless they go too. ${again}`,
  })
  deleteDatasetVersion(@Arg('input', () => DeleteDatasetVersionInput, which) input: DeleteDatasetVersionInput) {
    return this.act('DatasetVersion', 'datasetVersionId', input.datasetVersionId, input);
  }

  @Mutation(() => deleteModelResult, {
    description: `Deletes a model and its files. Refused while an alias stands for it, or experiments, evaluations, batch predictions, exports or imports of adapters use it, unless they go too. The experiment that it came out of stays. ${again}`,
  })
  deleteModel(@Arg('input', () => DeleteModelInput, which) input: DeleteModelInput) {
    return this.act('BaseModel', 'modelId', input.modelId, input);
  }

  @Mutation(() => deleteExperimentResult, {
    description: `Deletes an experiment that has ended, with its measurements, events and checkpoints. Refused while the model that came out of it is there, unless that goes too. ${again}`,
  })
  deleteExperiment(@Arg('input', () => DeleteExperimentInput, which) input: DeleteExperimentInput) {
    return this.act('Experiment', 'experimentId', input.experimentId, input);
  }

  @Mutation(() => deleteFeedbackTaskResult, {
    description: `Deletes a feedback task with its items, all that people said in it, its log, and the exports of its answers. Datasets that were made of it stay. ${again}`,
  })
  deleteFeedbackTask(@Arg('input', () => DeleteFeedbackTaskInput, which) input: DeleteFeedbackTaskInput) {
    return this.act('FeedbackTask', 'taskId', input.taskId, { ...input, cascade: false });
  }

  @Mutation(() => deleteFeedbackLoopResult, {
    description: `Deletes a feedback loop that has ended, with its rounds and its log. The tasks, versions, experiments and models of its rounds stay. ${again}`,
  })
  deleteFeedbackLoop(@Arg('input', () => DeleteFeedbackLoopInput, which) input: DeleteFeedbackLoopInput) {
    return this.act('FeedbackLoop', 'loopId', input.loopId, { ...input, cascade: false });
  }

  @Mutation(() => deleteEvaluationResult, {
    description: `Deletes an evaluation that waits or has ended. ${again}`,
  })
  deleteEvaluation(@Arg('input', () => DeleteEvaluationInput, which) input: DeleteEvaluationInput) {
    return this.act('Evaluation', 'evaluationId', input.evaluationId, { ...input, cascade: false });
  }

  @Mutation(() => deleteBatchPredictionResult, {
    description: `Deletes a batch prediction that has ended, and its file: its URL is not found any more. ${again}`,
  })
  deleteBatchPrediction(@Arg('input', () => DeleteBatchPredictionInput, which) input: DeleteBatchPredictionInput) {
    return this.act('BatchPrediction', 'batchPredictionId', input.batchPredictionId, { ...input, cascade: false });
  }

  @Mutation(() => deleteScoredSamplesResult, {
    description: `Deletes a batch of samples that has ended. Datasets that were made of it stay. ${again}`,
  })
  deleteScoredSamples(@Arg('input', () => DeleteScoredSamplesInput, which) input: DeleteScoredSamplesInput) {
    return this.act('ScoredSamples', 'samplesId', input.samplesId, { ...input, cascade: false });
  }

  @Mutation(() => deleteDatasetExportResult, {
    description: `Deletes an export of a dataset version that has ended, and its files: their URLs are not found any more. ${again}`,
  })
  deleteDatasetExport(@Arg('input', () => DeleteDatasetExportInput, which) input: DeleteDatasetExportInput) {
    return this.act('DatasetExport', 'datasetExportId', input.datasetExportId, { ...input, cascade: false });
  }

  @Mutation(() => deleteModelImportResult, {
    description: `Deletes the record of an import that has ended. The model that it brought stays. ${again}`,
  })
  deleteModelImport(@Arg('input', () => DeleteModelImportInput, which) input: DeleteModelImportInput) {
    return this.act('ModelImport', 'importId', input.importId, { ...input, cascade: false });
  }

  @Mutation(() => deleteModelExportResult, {
    description: `Deletes an export that has ended, and its files: their URLs are not found any more. ${again}`,
  })
  deleteModelExport(@Arg('input', () => DeleteModelExportInput, which) input: DeleteModelExportInput) {
    return this.act('ModelExport', 'exportId', input.exportId, { ...input, cascade: false });
  }

  @Mutation(() => deleteProjectResult, {
    description:
      'Deletes a project with its members, webhooks, event log and settings; with `cascade`, also with all data, models and experiments. Its API keys stop working. The audit log of the server keeps its entries. The project that the first start creates stays.',
  })
  deleteProject(
    @Arg('input', () => DeleteProjectInput, which) input: DeleteProjectInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const deletion = await this.projects.delete(input);
      loaders.projects.clearAll();
      return toDeletionType(deletion);
    });
  }

  @Mutation(() => deleteUserResult, {
    description:
      "Deletes a user's personal data: name, address, sign-ins, the names of keys, and the generations that the user asked for. The keys stop working, and memberships end. What else the user made stays, and entries of the audit log stay, by a user without a name. This can not be undone; deactivateUser can.",
  })
  deleteUser(@Arg('input', () => DeleteUserInput, which) input: DeleteUserInput, @Ctx() context: GraphQLContext) {
    return orProblems(async () => toDeletionType(await this.users.delete(context.viewer, input)));
  }

  private act(kind: DeletableKind, field: string, id: string, how: HowToDelete) {
    return orProblems(async () => {
      const deletion = await this.deletions.delete(kind, rowId(kind, id, [field]), how, [field]);
      return toDeletionType(deletion);
    });
  }
}
