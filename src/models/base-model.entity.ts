import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { ModelManifest } from '../protocol/model-manifest.js';

/** A model that experiments can start from. */
@Entity('base_models')
export class BaseModel {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string;

  /** Unique in its project. */
  @Column('text')
  name!: string;

  /** Digest of the manifest's artifact. */
  @Column('text')
  digest!: string;

  @Column('jsonb')
  manifest!: ModelManifest;

  /** The manifest and every file that it names; the database derives them. */
  @Column({
    type: 'text',
    name: 'artifact_digests',
    array: true,
    insert: false,
    update: false,
  })
  artifactDigests!: string[];

  /** What somebody set in place of the manifest's licence. */
  @Column('text', { nullable: true })
  licence!: string | null;

  @Column('text')
  source!: string;

  @Column({ name: 'produced_by_run_id', type: 'uuid', nullable: true })
  producedByRunId!: string | null;

  @Column({ type: 'text', array: true })
  tags!: string[];

  @Column('text')
  notes!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** The user who registered the model; null for one that came with the server, and for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;
}
