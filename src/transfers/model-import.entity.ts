import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { ModelSource, TransferProgress, TransferStatus } from '../protocol/job.js';
import type { Problem } from '../protocol/run-event.js';

/** An import of a model into the registry. */
@Entity('model_imports')
export class ModelImport {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  /** The name that the model will have. */
  @Column('text')
  name!: string;

  @Column('jsonb')
  source!: ModelSource;

  @Column('text', { nullable: true })
  licence!: string | null;

  @Column('uuid', { name: 'adapter_base_model_id', nullable: true })
  adapterBaseModelId!: string | null;

  @Column('text')
  status!: TransferStatus;

  @Column('text')
  desired!: 'RUN' | 'CANCEL';

  @Column('jsonb', { nullable: true })
  progress!: TransferProgress | null;

  @Column('jsonb', { nullable: true })
  problem!: Problem | null;

  @Column('uuid', { name: 'base_model_id', nullable: true })
  baseModelId!: string | null;

  @Column('text', { name: 'ignored_tensors', array: true })
  ignoredTensors!: string[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** The user who requested the import; null for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;
}
