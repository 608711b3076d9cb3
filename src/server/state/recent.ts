/** The last entries of a kind, by id: the oldest go first. */
export class Recent<T> {
  private readonly all = new Map<string, T>();

  constructor(private readonly most: number) {}

  set(id: string, value: T): void {
    this.all.delete(id);
    this.all.set(id, value);
    if (this.all.size <= this.most) return;
    const { value: oldest } = this.all.keys().next();
    this.all.delete(oldest as string);
  }

  get(id: string): T | undefined {
    return this.all.get(id);
  }

  entries(): [string, T][] {
    return [...this.all];
  }
}
