import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { LicencePolicy } from '../protocol/licences/policy.js';

@Entity('projects')
export class Project {
  @PrimaryColumn('uuid')
  id!: string;

  /** A short name, unique on the server. */
  @Column('text', { unique: true })
  slug!: string;

  @Column('text')
  name!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** The quotas; null: no limit. */
  @Column('bigint', { name: 'max_storage_bytes', nullable: true })
  maxStorageBytes!: string | null;

  @Column('int', { name: 'max_queued_experiments', nullable: true })
  maxQueuedExperiments!: number | null;

  @Column('int', { name: 'max_running_experiments', nullable: true })
  maxRunningExperiments!: number | null;

  @Column('int', { name: 'max_feedback_tasks', nullable: true })
  maxFeedbackTasks!: number | null;

  @Column('bigint', { name: 'max_feedback_items', nullable: true })
  maxFeedbackItems!: string | null;

  @Column('bigint', { name: 'max_recorded_feedback', nullable: true })
  maxRecordedFeedback!: string | null;

  /** Which licences of models it takes; null: the usual policy. */
  @Column('jsonb', { name: 'licence_policy', nullable: true })
  licencePolicy!: LicencePolicy | null;

  /** The seq of the project's last event; only append_project_event() raises it. */
  @Column('bigint', { name: 'last_event_seq' })
  lastEventSeq!: string;
}
