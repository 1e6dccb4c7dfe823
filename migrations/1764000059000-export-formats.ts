import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Formats of exports for JavaScript and llama.cpp. */
export class ExportFormats1764000059000 implements MigrationInterface {
  name = 'ExportFormats1764000059000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE model_exports DROP CONSTRAINT model_exports_format_check,
        ADD CONSTRAINT model_exports_format_check
          CHECK (format IN ('huggingFace', 'peft', 'onnx', 'transformersJs', 'gguf'));
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
