import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { ExportedFile, ExportFormat, TransferProgress, TransferStatus } from '../protocol/job.js';
import type { Problem } from '../protocol/run-event.js';

/** A model written in another program's format. */
@Entity('model_exports')
export class ModelExport {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Column('text')
  format!: ExportFormat;

  @Column('text')
  status!: TransferStatus;

  @Column('text')
  desired!: 'RUN' | 'CANCEL';

  @Column('jsonb', { nullable: true })
  progress!: TransferProgress | null;

  @Column('jsonb', { nullable: true })
  problem!: Problem | null;

  @Column('jsonb', { nullable: true })
  files!: ExportedFile[] | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** The user who requested the export; null for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;
}
