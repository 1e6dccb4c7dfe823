import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { FileNotice } from '../protocol/datasets/file-notice.js';
import type { FileOptions } from '../protocol/datasets/file-options.js';
import type { LeftOutColumn } from '../protocol/datasets/left-out-column.js';
import type { FileFormat } from '../protocol/datasets/split-request.js';
import type { StoredColumn, StoredSplit, StoredSplitPlan } from '../protocol/datasets/stored-version.js';
import type { VersionRoles } from '../protocol/preparation/assigned-roles.js';
import type { Recipe } from '../protocol/preparation/recipe.js';
import type { StepReport } from '../protocol/preparation/step-report.js';

/** An immutable state of a dataset. */
@Entity('dataset_versions')
export class DatasetVersion {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  /** Counts from 1 within the dataset. */
  @Column('int')
  number!: number;

  /** Artifact of the Parquet file. */
  @Column('text')
  digest!: string;

  /** Artifact of the uploaded file. */
  @Column({ name: 'source_digest', type: 'text' })
  sourceDigest!: string;

  @Column('text')
  format!: FileFormat;

  /** A bigint, which the driver returns as text. */
  @Column({ name: 'example_count', type: 'bigint' })
  exampleCount!: string;

  @Column({ name: 'rejected_count', type: 'bigint' })
  rejectedCount!: string;

  /** Null: the file was read with the usual options of its format. */
  @Column({ name: 'file_options', type: 'jsonb', nullable: true })
  fileOptions!: FileOptions | null;

  @Column('jsonb')
  columns!: readonly StoredColumn[];

  @Column({ name: 'left_out_columns', type: 'jsonb' })
  leftOutColumns!: readonly LeftOutColumn[];

  @Column('jsonb')
  notices!: readonly FileNotice[];

  @Column('jsonb')
  splits!: readonly StoredSplit[];

  @Column({ name: 'split_plan', type: 'jsonb' })
  splitPlan!: StoredSplitPlan;

  /** The steps that its rows went through. */
  @Column('jsonb')
  recipe!: Recipe;

  /** What each of them did. */
  @Column('jsonb')
  steps!: readonly StepReport[];

  /** What its columns are for. */
  @Column('jsonb')
  roles!: VersionRoles;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** The user who created the version; null for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;
}
