import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { UploadFormat } from '../protocol/datasets/split-request.js';

/** A place for one file, given to a client. */
@Entity('uploads')
export class Upload {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string;

  @Column({ name: 'file_name', type: 'text' })
  fileName!: string;

  @Column('text')
  format!: UploadFormat;

  /** SHA-256 of the secrets in its URLs: each repeated call of createUpload got a new secret. */
  @Column('text', { name: 'token_digests', array: true })
  tokenDigests!: string[];

  /** For each secret, the API key that it was given to; null: it was given to no key. */
  @Column('uuid', { name: 'token_api_keys', array: true, default: {} })
  tokenApiKeys!: (string | null)[];

  @Column('text')
  status!: 'WAITING' | 'RECEIVED' | 'CONSUMED' | 'FAILED';

  @Column({ name: 'artifact_digest', type: 'text', nullable: true })
  artifactDigest!: string | null;

  @Column({ name: 'size_bytes', type: 'bigint', nullable: true })
  sizeBytes!: string | null;

  /** Bytes of the file that have arrived; those of parts too. */
  @Column({ name: 'received_bytes', type: 'bigint', default: 0 })
  receivedBytes!: string;

  /** What the client said of the file; null where it said nothing. */
  @Column({ name: 'expected_bytes', type: 'bigint', nullable: true })
  expectedBytes!: string | null;

  /** Whether `expectedBytes` is what a part said, and not createUpload. */
  @Column({ name: 'expected_by_part', type: 'boolean', default: false })
  expectedByPart!: boolean;

  @Column({ name: 'expected_digest', type: 'text', nullable: true })
  expectedDigest!: string | null;

  /** Null for uploads that are older than this column. */
  @Column({ name: 'created_by', type: 'uuid', nullable: true })
  createdBy!: string | null;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
