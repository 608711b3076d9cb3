import type { Arena } from "./arena.js";

/** An enumeration of `assembly/layout.ts`: the fields of a struct in order, a 32-bit word each. */
type Layout = Record<string, string | number>;
type FieldOf<L extends Layout> = Extract<keyof L, string>;

declare const isStruct: unique symbol;
/** The address of a struct, which TypeScript does not confuse with the address of a buffer. */
export type StructAddress = number & { readonly [isStruct]: true };

/** A struct in an instance's memory: what a kernel takes in place of a long list of arguments. */
export class Struct<L extends Layout> {
  readonly address: StructAddress;

  /** Every field must be given: an address, a count, or a flag. */
  constructor(
    private readonly arena: Arena,
    private readonly layout: L,
    fields: Record<FieldOf<L>, number>,
  ) {
    this.address = arena.reserve(4 * Object.keys(fields).length) as StructAddress;
    this.set(fields);
  }

  get(field: FieldOf<L>): number {
    return this.word(field)[0];
  }

  set(fields: Partial<Record<FieldOf<L>, number>>): void {
    for (const field of Object.keys(fields) as FieldOf<L>[]) this.word(field)[0] = fields[field] as number;
  }

  private word(field: FieldOf<L>): Uint32Array {
    return this.arena.u32(this.address + 4 * (this.layout[field] as number), 1);
  }
}
