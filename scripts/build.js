/**
 * Builds everything, or with the argument `demo` what `npm run demo` needs. Steps that need nothing of each other run side
 * by side, on two processors.
 */
import { spawn } from "node:child_process";

const script = (name, ...args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [`scripts/${name}.js`, ...args], { stdio: "inherit" });
    child.once("exit", (code) => (code === 0 ? resolve() : process.exit(code ?? 1)));
  });

const isDemo = process.argv[2] === "demo";
const builds = isDemo ? "release" : "release,types";
await Promise.all([script("core", builds, "solve"), script("core", builds, "constraints,predict")]);
const rest = async () => {
  await script("transpile");
  await script("reportClient");
  if (isDemo) return;
  await script("appClient");
  await script("core", "debug");
};
await Promise.all(isDemo ? [rest()] : [rest(), script("declarations")]);
