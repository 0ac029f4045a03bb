// Runs one Rust test program that was compiled for wasm32-unknown-unknown.
//
// Such a program has no arguments and its output goes nowhere, but the standard test harness in
// it still runs every #[test] in one thread, and a failing test traps. So: no trap, all passed.
// The names of the functions on the stack say which test trapped. The last line has the form of
// the harness's own closing line, so that whoever counts the native results can count this one;
// a whole program counts as one.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

const OTHERS = /^(core|std|alloc|test|__rustc|_?start|main)\b/;

/// The Rust path in a mangled name, roughly: identifiers are written with their length before them.
function readable(symbol) {
  const plain = symbol.replace(/17h[0-9a-f]{16}E.*$/, "").replace(/Cs[0-9A-Za-z]*_/g, "");
  const parts = [];
  for (let at = 0; at < plain.length; ) {
    const [digits] = /^[1-9]\d*/.exec(plain.slice(at)) ?? [""];
    // The newer scheme puts an underscore before an identifier that itself begins with one.
    const separated = symbol.startsWith("_R") && plain[at + digits.length] === "_";
    const start = at + digits.length + (separated ? 1 : 0);
    const part = plain.slice(start, start + Number(digits));
    const whole = digits !== "" && part.length === Number(digits);
    if (whole && !part.includes("$")) parts.push(part);
    at = whole ? start + part.length : at + 1;
  }
  return parts.join("::") || symbol;
}

function ownFrames(error) {
  const symbols = [...String(error.stack).matchAll(/at [^\s]*?\.wasm\.([^\s]+)/g)];
  return symbols.map(([, symbol]) => readable(symbol)).filter((path) => !OTHERS.test(path));
}

const path = process.argv[2];
const module = await WebAssembly.compile(await readFile(path));
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] = () => {
    throw new Error(`the tests called ${name} of the browser, which is not here`);
  };
}
const { exports } = await WebAssembly.instantiate(module, imports);
Error.stackTraceLimit = 60;
let status;
try {
  status = exports.main(0, 0);
} catch (error) {
  status = 1;
  console.log(`trapped (${error.message}), innermost first:`);
  for (const frame of ownFrames(error).slice(0, 8)) console.log(`    ${frame}`);
  console.log("a panic's message can't be shown here: run that test natively");
}
const verdict = status === 0 ? "ok. 1 passed; 0 failed" : "FAILED. 0 passed; 1 failed";
console.log(`test result: ${verdict}; ${basename(path, ".wasm")}, as a whole`);
process.exitCode = status === 0 ? 0 : 1;
