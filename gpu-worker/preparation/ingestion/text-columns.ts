/** Copying fewer bytes one by one takes less time than a view of them. */
const fewBytes = 24;
const firstCapacity = 1 << 12;

/** The texts of a column, one after another as Parquet has them (PLAIN): four bytes of length, then UTF-8. */
export class TextColumn {
  private bytes: Buffer = Buffer.alloc(firstCapacity);
  private end = 0;
  /** Where the texts of accepted rows end. */
  private accepted = 0;
  /** Where the text of the present row begins. */
  private begin = 0;
  /** For each accepted row, 1 if it has a text here. */
  private present: Uint8Array = new Uint8Array(firstCapacity);

  /** Begins a text: the bytes of a row's value follow. */
  beginText(): void {
    this.reserve(4);
    this.end += 4;
    this.begin = this.end;
  }

  append(chunk: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.end + length > this.bytes.length) this.reserve(length);
    if (length > fewBytes) this.bytes.set(chunk.subarray(from, to), this.end);
    else for (let i = 0; i < length; i++) this.bytes[this.end + i] = chunk[from + i]!;
    this.end += length;
  }

  appendByte(byte: number): void {
    if (this.end === this.bytes.length) this.reserve(1);
    this.bytes[this.end++] = byte;
  }

  endText(): void {
    this.bytes.writeUInt32LE(this.end - this.begin, this.begin - 4);
  }

  /** Takes back the text that was begun last, and its beginning. */
  takeBackText(): void {
    this.end = this.begin - 4;
  }

  /** The text that was begun last, until more is appended. */
  text(): Buffer {
    return this.bytes.subarray(this.begin, this.end);
  }

  /** Takes back the bytes of the text, not its beginning. */
  clearText(): void {
    this.end = this.begin;
  }

  /** @param row the number of accepted rows before */
  acceptRow(row: number): void {
    if (row === this.present.length) {
      const grown = new Uint8Array(2 * row);
      grown.set(this.present);
      this.present = grown;
    }
    this.present[row] = this.end > this.accepted ? 1 : 0;
    this.accepted = this.end;
  }

  /** Takes back the row's text, if one was begun. */
  dropRow(): void {
    this.end = this.accepted;
  }

  /** The texts of accepted rows, and which of the rows have one; valid until something is appended. */
  content(rows: number): { readonly texts: Buffer; readonly present: Uint8Array } {
    return { texts: this.bytes.subarray(0, this.accepted), present: this.present.subarray(0, rows) };
  }

  /** Forgets accepted rows; what the present row has stays. */
  clear(): void {
    this.bytes.copyWithin(0, this.accepted, this.end);
    this.end -= this.accepted;
    this.begin -= this.accepted;
    this.accepted = 0;
  }

  get acceptedBytes(): number {
    return this.accepted;
  }

  private reserve(length: number): void {
    if (this.end + length <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(2 * this.bytes.length, this.end + length));
    this.bytes.copy(grown, 0, 0, this.end);
    this.bytes = grown;
  }
}

/** Rows of texts, column by column. */
export class TextColumns {
  readonly columns: readonly TextColumn[];
  private rows = 0;

  /** @param onRow called after each accepted row */
  constructor(
    count: number,
    private readonly onRow: () => void = () => undefined,
  ) {
    this.columns = Array.from({ length: count }, () => new TextColumn());
  }

  get rowCount(): number {
    return this.rows;
  }

  /** Bytes of accepted rows. */
  get bytes(): number {
    return this.columns.reduce((sum, column) => sum + column.acceptedBytes, 0);
  }

  acceptRow(): void {
    for (const column of this.columns) column.acceptRow(this.rows);
    this.rows++;
    this.onRow();
  }

  dropRow(): void {
    for (const column of this.columns) column.dropRow();
  }

  /** Forgets accepted rows; what the present row has stays. */
  clear(): void {
    for (const column of this.columns) column.clear();
    this.rows = 0;
  }
}
