import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { RunSpec } from '../protocol/run-spec.js';

@Entity('experiments')
export class Experiment {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  method!: RunSpec['method'];

  /** All that determines the run's result. */
  @Column('jsonb')
  spec!: RunSpec;

  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Column('uuid', { name: 'dataset_version_id' })
  datasetVersionId!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
