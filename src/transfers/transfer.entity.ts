import { Column, CreateDateColumn, PrimaryColumn } from 'typeorm';
import type { TransferProgress, TransferStatus } from '../protocol/job.js';
import type { Problem } from '../protocol/run-event.js';

/** The columns that rows of imports, of exports and of batch predictions share. */
export abstract class Transfer<Progress = TransferProgress> {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  status!: TransferStatus;

  @Column('text')
  desired!: 'RUN' | 'CANCEL';

  @Column('jsonb', { nullable: true })
  progress!: Progress | null;

  @Column('jsonb', { nullable: true })
  problem!: Problem | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** The user who asked for it; null for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;
}
