/**
 * Whole numbers of `width` bits, one after another, from Parquet's hybrid of runs and packed bits
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE). Width 0: all are 0.
 */
export class HybridReader {
  /** Values left of the current run. */
  private left = 0;
  private isPacked = false;
  private value = 0;
  /** Bits that are read but not yet used, the next one lowest. */
  private word = 0;
  private bits = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly end: number,
    private readonly width: number,
  ) {
    // No more rows are read, so no dictionary needs more.
    if (!(width <= 24)) throw new Error(`numbers of ${width} bits`);
    if (!(end <= bytes.length)) throw new Error("levels or indices that end beyond their page");
  }

  next(): number {
    if (this.width === 0) return 0;
    while (this.left === 0) this.begin();
    this.left--;
    return this.isPacked ? this.packed() : this.value;
  }

  private packed(): number {
    const { width } = this;
    while (this.bits < width) {
      this.word |= this.byte() << this.bits;
      this.bits += 8;
    }
    const value = this.word & ((1 << width) - 1);
    this.word >>>= width;
    this.bits -= width;
    return value;
  }

  private begin(): void {
    const header = this.varint();
    this.isPacked = header % 2 === 1;
    this.left = this.isPacked ? 8 * Math.floor(header / 2) : header / 2;
    this.word = 0;
    this.bits = 0;
    if (this.isPacked) return;
    this.value = 0;
    for (let shift = 0; shift < this.width; shift += 8) this.value |= this.byte() << shift;
  }

  private varint(): number {
    let value = 0;
    for (let unit = 1; unit <= 2 ** 42; unit *= 128) {
      const byte = this.byte();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
    throw new Error("a run that is too long");
  }

  private byte(): number {
    if (this.at >= this.end) throw new Error("levels or indices end too early");
    return this.bytes[this.at++];
  }
}
