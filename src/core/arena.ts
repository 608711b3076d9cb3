/** The views that are kept. */
const VIEWS = {
  f64: Float64Array,
  f32: Float32Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  i32: Int32Array,
};
type ViewName = keyof typeof VIEWS;
type ViewOf<Name extends ViewName> = InstanceType<(typeof VIEWS)[Name]>;

/** A buffer that is used call after call: its view is made again only when the memory has grown. */
export class KeptView<Name extends ViewName> {
  private kept: ViewOf<Name>;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly name: Name,
    readonly address: number,
    private readonly length: number,
  ) {
    this.kept = this.make();
  }

  /** Valid until the next growth. */
  get view(): ViewOf<Name> {
    // Growth detaches a view: it then has no elements.
    if (this.kept.length !== this.length) this.kept = this.make();
    return this.kept;
  }

  private make(): ViewOf<Name> {
    return new VIEWS[this.name](this.memory.buffer, this.address, this.length) as ViewOf<Name>;
  }
}

const PAGE = 65536;
/** Bytes of a cache line. */
const LINE = 64;

/** Hands out the memory of one instance, beginning at a given byte. Buffers are not freed one by one. */
export class Arena {
  private used: number;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly base: number,
  ) {
    this.used = base;
  }

  /** Frees all buffers. */
  reset(): void {
    this.used = this.base;
  }

  /** Runs a function and then frees the buffers that it reserved. */
  scoped<T>(run: () => T): T {
    const before = this.used;
    try {
      return run();
    } finally {
      this.used = before;
    }
  }

  /** Reserves bytes, 16-byte aligned. Returns their address. May grow the memory, which detaches older views. */
  reserve(bytes: number): number {
    const address = Math.ceil(this.used / 16) * 16;
    this.used = address + bytes;
    const missing = Math.ceil((this.used - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.memory.grow(missing);
    return address;
  }

  /** `reserve` at the beginning of a cache line, for rows that are fetched in random order. */
  reserveLines(bytes: number): number {
    return Math.ceil(this.reserve(bytes + LINE) / LINE) * LINE;
  }

  /** Copies an array in. Returns its address. */
  write(values: Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array): number {
    const address = this.reserve(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.u8(address, values.byteLength).set(bytes);
    return address;
  }

  /** Reserves `length` elements. */
  kept<Name extends ViewName>(name: Name, length: number): KeptView<Name> {
    const address = this.reserve(length * VIEWS[name].BYTES_PER_ELEMENT);
    return new KeptView(this.memory, name, address, length);
  }

  // Views: lengths in elements. Use them at once, since growth detaches them.
  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }
  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }
  u32(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }
  u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }
  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }
  i8(address: number, length: number): Int8Array {
    return new Int8Array(this.memory.buffer, address, length);
  }
  u16(address: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, address, length);
  }
}
