import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["build", "dist", "out", "node_modules", "assembly"] },
  ...tseslint.configs.recommended,
  {
    files: ["src/**/*.ts", "paper/**/*.ts", "test/**/*.ts"],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./src/report/html/client/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      eqeqeq: "error",
    },
  },
);
