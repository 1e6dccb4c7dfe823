import { Column, Entity } from 'typeorm';
import type { BatchFormat, BatchProgress, ResultColumn } from '../protocol/batch-prediction.js';
import type { ExportedFile } from '../protocol/job.js';
import { Transfer } from '../transfers/transfer.entity.js';

/** A model's predictions for the rows of a dataset version or of an uploaded file. */
@Entity('batch_predictions')
export class BatchPrediction extends Transfer<BatchProgress> {
  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Column('uuid', { name: 'dataset_version_id', nullable: true })
  datasetVersionId!: string | null;

  @Column('text', { name: 'source_digest', nullable: true })
  sourceDigest!: string | null;

  @Column('text', { name: 'source_name', nullable: true })
  sourceName!: string | null;

  @Column('text', { nullable: true })
  split!: string | null;

  @Column('text', { name: 'text_column' })
  textColumn!: string;

  @Column('text', { name: 'pair_column', nullable: true })
  pairColumn!: string | null;

  @Column('text')
  format!: BatchFormat;

  @Column('jsonb')
  columns!: ResultColumn[];

  @Column('text', { name: 'file_name' })
  fileName!: string;

  @Column('bigint', { name: 'row_count' })
  rowCount!: string;

  @Column('bigint', { name: 'rejected_count' })
  rejectedCount!: string;

  @Column('jsonb', { nullable: true })
  files!: ExportedFile[] | null;

  @Column('bigint', { name: 'error_count', nullable: true })
  errorCount!: string | null;
}
