import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { type DateKind, dateKindOf } from './excel-dates.js';
import type { UnpackBudget } from './unpack-budget.js';
import { readXml, type XmlEvents } from './xml-events.js';
import { openZip, type ZipArchive } from './zip-archive.js';

/** A sheet of cells in a workbook. */
export interface Sheet {
  readonly name: string;
  readonly isHidden: boolean;
  /** Its part of the workbook. */
  readonly part: string;
}

/** @throws ProblemsError INVALID_FILE, TOO_LARGE */
type ReadPart = (part: string, events: XmlEvents, afterChunk?: () => Promise<void>) => Promise<void>;

/** An Excel workbook, all but the cells of its sheets (ECMA-376, part 1, 18). */
export interface Workbook {
  readonly sheets: readonly Sheet[];
  /** Whether days are counted from 1904. */
  readonly is1904: boolean;
  /** For each style of cells, what of a date it shows. */
  readonly dateKinds: readonly (DateKind | null)[];
  readonly sharedTexts: readonly string[];
  /** Reads a part; its bytes count on the budget. */
  readonly read: ReadPart;
  close(): void;
}

/** Characters of all texts that cells share, which are held in memory. */
const maxSharedCharacters = 128 * 2 ** 20;

/** @throws ProblemsError INVALID_FILE, TOO_LARGE */
export async function openWorkbook(
  path: string,
  budget: UnpackBudget,
  problemPath: readonly string[],
): Promise<Workbook> {
  const zip = await openZip(path, budget, problemPath);
  try {
    const read: ReadPart = (part, events, afterChunk) =>
      readXml(readPart(zip, part, budget, problemPath, afterChunk), part, problemPath, events);
    const has = (part: string) => zip.files.some(({ name }) => name === part);
    const { sheets, is1904 } = await readSheets(read, 'xl/workbook.xml');
    const parts = await readRelations(read, 'xl/_rels/workbook.xml.rels');
    const styles = parts.find(({ type }) => type === 'styles')?.part;
    const texts = parts.find(({ type }) => type === 'sharedStrings')?.part;
    return {
      is1904,
      sheets: sheets.flatMap(({ relation, ...sheet }) => {
        // Sheets of charts and of old macros have no rows.
        const part = parts.find(({ id, type }) => id === relation && type === 'worksheet')?.part;
        return part === undefined ? [] : [{ ...sheet, part }];
      }),
      dateKinds: styles === undefined || !has(styles) ? [] : await readDateKinds(read, styles),
      sharedTexts: texts === undefined || !has(texts) ? [] : await readSharedTexts(read, texts, problemPath),
      read,
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function* readPart(
  zip: ZipArchive,
  part: string,
  budget: UnpackBudget,
  problemPath: readonly string[],
  afterChunk?: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const file = zip.files.find(({ name }) => name === part);
  if (file === undefined) {
    const message = `The workbook is damaged: it has no part ${part}.`;
    throw new ProblemsError([problem(problemPath, 'INVALID_FILE', message, 'Save it again in a spreadsheet program.')]);
  }
  for await (const chunk of file.read()) {
    budget.spend(chunk.length);
    yield chunk;
    await afterChunk?.();
  }
}

async function readSheets(read: ReadPart, part: string) {
  const sheets: { name: string; isHidden: boolean; relation: string }[] = [];
  let is1904 = false;
  await read(part, {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = isTrue(attributes.date1904);
      if (name !== 'sheet') return;
      const isHidden = attributes.state === 'hidden' || attributes.state === 'veryHidden';
      const relation = Object.entries(attributes).find(([key]) => /(^|:)id$/.test(key))?.[1] ?? '';
      sheets.push({ name: attributes.name ?? `Sheet${sheets.length + 1}`, isHidden, relation });
    },
  });
  return { sheets, is1904 };
}

export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

async function readRelations(read: ReadPart, part: string) {
  const relations: { id: string; type: string; part: string }[] = [];
  await read(part, {
    open(name, { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode }) {
      // What lies outside of the workbook is not opened.
      if (name !== 'Relationship' || mode === 'External') return;
      const part = target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`;
      relations.push({ id, type: type.slice(type.lastIndexOf('/') + 1), part });
    },
  });
  return relations;
}

async function readDateKinds(read: ReadPart, part: string): Promise<(DateKind | null)[]> {
  const codes = new Map<number, string>();
  const ids: number[] = [];
  let inCells = false;
  await read(part, {
    open(name, attributes) {
      const id = Number(attributes.numFmtId ?? 0);
      if (name === 'numFmt') codes.set(id, attributes.formatCode ?? '');
      else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) ids.push(id);
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return ids.map((id) => dateKindOf(id, codes.get(id)));
}

async function readSharedTexts(read: ReadPart, part: string, problemPath: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  const reader = new RichText();
  let characters = 0;
  await read(part, {
    open(name) {
      if (name === 'si') reader.begin();
      else reader.open(name);
    },
    text: (text) => reader.text(text),
    close(name) {
      reader.close(name);
      if (name !== 'si') return;
      const text = reader.end();
      characters += text.length;
      if (characters > maxSharedCharacters) {
        const message = 'The texts of the workbook have more than 128 Mi characters.';
        throw new ProblemsError([problem(problemPath, 'TOO_LARGE', message, 'Save the sheet as CSV.')]);
      }
      texts.push(text);
    },
  });
  return texts;
}

/** The text of an item with parts of different looks, without what is written above it to help pronouncing it. */
export class RichText {
  private parts: string[] = [];
  private inText = false;
  private inPhonetic = false;

  begin(): void {
    this.parts = [];
  }

  open(name: string): void {
    if (name === 'rPh') this.inPhonetic = true;
    if (name === 't') this.inText = true;
  }

  text(text: string): void {
    if (this.inText && !this.inPhonetic) this.parts.push(text);
  }

  close(name: string): void {
    if (name === 'rPh') this.inPhonetic = false;
    if (name === 't') this.inText = false;
  }

  end(): string {
    return unescaped(this.parts.join(''));
  }
}

/** Characters that XML can not hold are written as `_x000D_` (ECMA-376, part 1, 22.9.2.19). */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
