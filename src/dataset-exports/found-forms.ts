import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { ColumnRole } from '../protocol/preparation/column-role.js';
import { type DataForm, detectForm } from '../protocol/preparation/data-forms.js';
import type { FoundForms } from './to-row-export.js';

/** How many of the first rows are looked at. */
const sampledRows = 20;

/** What the roles of a version's columns say of conversations and pairs of answers and, where they do not, its rows. */
export function foundForms(reader: Pick<ExampleReader, 'readExamples'>, version: DatasetVersionRow): FoundForms {
  const ofRole = (role: ColumnRole): string | null => {
    const [only, other] = version.roles.filter((each) => each.role === role);
    return only === undefined || other !== undefined ? null : only.column;
  };

  /** @param columns those that may be part of the form */
  async function formOf(columns: readonly string[]): Promise<DataForm | null> {
    const rows = await reader.readExamples({ digest: version.digest, split: null, limit: sampledRows });
    return detectForm(
      version.columns
        .filter(({ name }) => columns.includes(name))
        .map(({ name, type }) => ({
          name,
          type,
          samples: rows.map(({ values }) => values[name]).filter((value) => value !== null && value !== undefined),
        })),
    );
  }

  return {
    async conversations() {
      const [prompt, completion, messages] = [ofRole('PROMPT'), ofRole('COMPLETION'), ofRole('MESSAGES')];
      const all = version.columns.map(({ name }) => name);
      const form = (messages === null ? null : await formOf([messages])) ?? (await formOf(all));
      const isChat = form?.kind === 'messages' || form?.kind === 'shareGpt';
      if (isChat || form?.kind === 'alpaca') return form;
      if (prompt !== null && completion !== null) {
        return { kind: 'promptCompletion', promptColumn: prompt, completionColumn: completion, systemColumn: null };
      }
      if (form?.kind !== 'promptCompletion') return null;
      const { promptColumn, completionColumn, systemColumn } = form;
      return { kind: 'promptCompletion', promptColumn, completionColumn, systemColumn };
    },

    async preference() {
      const [promptColumn, chosenColumn, rejectedColumn] = [ofRole('PROMPT'), ofRole('CHOSEN'), ofRole('REJECTED')];
      if (chosenColumn !== null && rejectedColumn !== null) return { promptColumn, chosenColumn, rejectedColumn };
      const form = await formOf(version.columns.map(({ name }) => name));
      return form?.kind === 'preference' ? form : null;
    },
  };
}
