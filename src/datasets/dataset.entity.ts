import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A named series of versions. */
@Entity('datasets')
export class Dataset {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string;

  /** Unique in the project. */
  @Column('text')
  name!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ type: 'text', array: true })
  tags!: string[];

  @Column('text')
  notes!: string;

  /** The highest number of a version that was deleted, 0 for none: numbers are not given again. Deletions write it. */
  @Column({ name: 'last_deleted_version', type: 'int', insert: false, update: false })
  lastDeletedVersion!: number;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** The user who created the dataset; null for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;
}
