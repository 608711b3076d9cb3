// Writes docs/reference/commands.md: the help of every command, as the built command line prints it.
import { mkdirSync, writeFileSync } from "node:fs";
import { runCli } from "../dist/src/cli/app.js";

async function help(...argv) {
  let text = "";
  const out = (part) => (text += part);
  await runCli([...argv, "--help"], {
    out,
    err: out,
    isTerminal: false,
    signal: new AbortController().signal,
  });
  return text.trimEnd();
}

const program = await help();
const commands = [...program.matchAll(/^ {2}(\w+) .*<|^ {2}(\w+) \[options\]/gm)].map(
  ([, one, other]) => one ?? other,
);
let page = `# Commands\n\nGenerated from \`--help\`.\n\n\`\`\`text\n${program}\n\`\`\`\n`;
for (const command of commands) page += `\n## ${command}\n\n\`\`\`text\n${await help(command)}\n\`\`\`\n`;
mkdirSync(new URL("../docs/reference/", import.meta.url), { recursive: true });
writeFileSync(new URL("../docs/reference/commands.md", import.meta.url), page);
