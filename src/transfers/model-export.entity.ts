import { Column, Entity } from 'typeorm';
import type { ExportedFile, ExportFormat } from '../protocol/job.js';
import type { ParityCertificate } from '../protocol/parity-certificate.js';
import { Transfer } from './transfer.entity.js';

/** A model written in another program's format. */
@Entity('model_exports')
export class ModelExport extends Transfer {
  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Column('text')
  format!: ExportFormat;

  @Column('jsonb', { nullable: true })
  files!: ExportedFile[] | null;

  @Column('jsonb', { nullable: true })
  certificate!: ParityCertificate | null;
}
