import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What an entry of the package exports, and what its signatures name. */
export interface Surface {
  values: string[];
  types: string[];
  /** Types of this package that a public signature names and that are not exported, here, by `optllm` or by `optllm/online`. */
  hidden: string[];
}

/** The entries of the package by the name that users import, as package.json lists them. */
export function surfaces(): Map<string, Surface> {
  const entries = declarations();
  const program = ts.createProgram([...entries.values()], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
    types: [],
    strict: true,
  });
  const checker = program.getTypeChecker();
  const exportsOf = (name: string): ts.Symbol[] =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entries.get(name)!)!)!);
  const shared = [...exportsOf("optllm"), ...exportsOf("optllm/online")];
  return new Map([...entries.keys()].map((name) => [name, surfaceOf(checker, exportsOf(name), shared)]));
}

/** The declaration file of each entry. */
function declarations(): Map<string, string> {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  return new Map(
    Object.entries(exports).flatMap(([path, target]) =>
      typeof target === "string" ? [] : [[`optllm${path.slice(1)}`, join(root, target.types)]],
    ),
  );
}

function surfaceOf(checker: ts.TypeChecker, exported: ts.Symbol[], shared: ts.Symbol[]): Surface {
  const meant = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isPublic = new Set([...exported, ...shared].map(meant));
  const hidden = new Set<string>();
  const visit = (node: ts.Node): void => {
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    const target = symbol && meant(symbol);
    if (target && isOurs(target) && !isPublic.has(target)) hidden.add(target.name);
    // A `@link` of a comment is no part of a signature.
    if (!ts.isJSDoc(node)) ts.forEachChild(node, visit);
  };
  for (const symbol of exported) meant(symbol).declarations?.forEach(visit);

  const isValue = (symbol: ts.Symbol): boolean =>
    (meant(symbol).flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(symbol);
  const names = (symbols: ts.Symbol[]): string[] => symbols.map(({ name }) => name).sort();
  return {
    values: names(exported.filter(isValue)),
    types: names(exported.filter((symbol) => !isValue(symbol))),
    hidden: [...hidden].sort(),
  };
}

/** A type at the top of a file of this package: what a signature can name and another file import. */
function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (declaration) =>
      declaration.getSourceFile().fileName.startsWith(join(root, "dist")) &&
      ts.isSourceFile(declaration.parent) &&
      (ts.isInterfaceDeclaration(declaration) ||
        ts.isTypeAliasDeclaration(declaration) ||
        ts.isClassDeclaration(declaration)),
  );
}

/** Whether an export is written `export type`, so that no value comes with it. */
function isTypeOnly({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (declaration) =>
      ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly),
  );
}
