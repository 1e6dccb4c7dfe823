import { BatchPrediction } from '../batch-predictions/batch-prediction.entity.js';
import { Dataset } from '../datasets/dataset.entity.js';
import { DatasetVersion } from '../datasets/dataset-version.entity.js';
import { RejectedRow } from '../datasets/rejected-row.entity.js';
import { Upload } from '../datasets/upload.entity.js';
import { Evaluation } from '../evaluations/evaluation.entity.js';
import { Experiment } from '../experiments/experiment.entity.js';
import { BaseModel } from '../models/base-model.entity.js';
import { Project } from '../projects/project.entity.js';
import { ModelExport } from '../transfers/model-export.entity.js';
import { ModelImport } from '../transfers/model-import.entity.js';

/** The entity classes of all slices; add a new one here. */
export const entities: (new () => object)[] = [
  Project,
  Upload,
  Dataset,
  DatasetVersion,
  RejectedRow,
  BaseModel,
  Experiment,
  Evaluation,
  BatchPrediction,
  ModelImport,
  ModelExport,
];
