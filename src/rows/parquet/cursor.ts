/** The longest number in Parquet, of 64 bits, takes 10 bytes. */
const NUMBER_BYTES = 10;

/** Walks over bytes, and never beyond the last one. */
export class Cursor {
  /** @param tooShort Message of the error if the bytes end too early. */
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly tooShort: string,
  ) {}

  skip(length: number): void {
    if (!(length <= this.bytes.length - this.at)) throw new Error(this.tooShort);
    this.at += length;
  }

  byte(): number {
    this.skip(1);
    return this.bytes[this.at - 1];
  }

  /** An unsigned number of 7 bits a byte, the lowest bits first. Above 2^53 it is rounded. */
  number(): number {
    let value = 0;
    for (let k = 0; k < NUMBER_BYTES; k++) {
      const part = this.byte();
      value += (part & 127) * 128 ** k;
      if (part < 128) return value;
    }
    throw new Error("a number that does not end");
  }
}
