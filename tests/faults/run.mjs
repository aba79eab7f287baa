// SPDX-License-Identifier: MIT
// tests/faults/run.mjs - runs out of memory at every allocation, one after the
// other.
//
//   node tests/faults/run.mjs [--build B] [--stride N] [--offset N] [--starts N]
//       [--last N] [--burst N] [--seconds N] [--jobs N] [--only start|talk]
//       [--daemons NAME,NAME]
//
// Two parts, each for each daemon: its first start (start.mjs), and a message's
// way while all run (talk.mjs). Of every N allocations one is tried, from the
// offset on; without a stride that is every one. `--starts` bounds the starts of
// each daemon, however much it allocates; `--last` tries the last N of a start
// alone, when the libraries have theirs and our own code asks. With a burst, so
// many fail from the n-th on. When the seconds are over it ends where it is, and
// says so.
//
// A line for each part and daemon; exit status 1 if a daemon was ended by a
// signal, hung, never rested, ended with a status of its own, or if a word was
// lost, doubled or out of its order. However it ends itself, no daemon stays.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { killAll, kinds } from "./daemon.mjs";
import { tryStarts } from "./start.mjs";
import { Talk } from "./talk.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const { values: given } = parseArgs({ options: {
	build: { type: "string", default: process.env.PARLEY_BUILD || join(root, "build") },
	stride: { type: "string", default: "1" }, offset: { type: "string", default: "0" },
	starts: { type: "string", default: "0" }, last: { type: "string", default: "0" },
	burst: { type: "string", default: "1" }, seconds: { type: "string", default: "86400" },
	jobs: { type: "string", default: "2" }, only: { type: "string", default: "" },
	daemons: { type: "string", default: kinds.join(",") } } });

const number = (name) => {
	const value = Number(given[name]);
	if (!Number.isInteger(value) || value < 0)
		throw new Error(`--${name} wants a number`);
	return value;
};

const build = resolve(given.build);
const stride = Math.max(1, number("stride")), offset = number("offset");
const starts = number("starts"), last = number("last");
const burst = Math.max(1, number("burst")), jobs = Math.max(1, number("jobs"));
const deadline = performance.now() + 1000 * number("seconds");
const wanted = given.daemons.split(",");
if (!wanted.every((name) => kinds.includes(name)))
	throw new Error(`--daemons knows ${kinds.join(", ")}`);
if (!existsSync(join(build, "bin", "store")))
	throw new Error(`nothing is built in ${build}`);

const folder = mkdtempSync(join(process.env.TMPDIR || tmpdir(), "faults-"));
const library = join(folder, "nth_malloc.so");
let found = 0;

process.on("exit", () => {
	killAll();
	rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
	process.on(signal, () => process.exit(1));

const teller = (part, kind) => (n, wrong, log) => {
	found++;
	console.log(`wrong: ${part}, ${kind}, allocation ${n}: ${wrong}`);
	for (const line of log)
		console.log(`    ${line}`);
};

// What is left of the time, shared by what is still to be done.
const share = (left) => performance.now() + Math.max(0, deadline - performance.now()) / left;

async function start(kind, left) {
	const sum = await tryStarts({ kind, build, library, folder, stride, offset, starts, last,
		count: burst, jobs, until: share(left) },
		teller("start", kind));
	console.log(`start ${kind}: ${sum.tried} of ${sum.allocations} allocations failed, ` +
		`${sum.started} times it ran all the same${sum.isWhole ? "" : "; out of time"}`);
}

// A suite of its own for each daemon, as one that has died ends its suite.
async function talk(kind, left) {
	const suite = new Talk({ build, library, folder: mkdtempSync(join(folder, "suite-")) });
	try {
		await suite.begin();
		const sum = await suite.tryWords(kind, { stride, offset, count: burst, until: share(left) },
			teller("talk", kind));
		console.log(`talk ${kind}: ${sum.tried} words, ${sum.failed} allocations failed, ` +
			`answers ${JSON.stringify(sum.answers)}${sum.isWhole ? "" : "; not to the end"}`);
	} catch (error) {
		teller("talk", kind)("any", error.message, []);
	}
	const wrong = await suite.end();
	if (wrong)
		teller("talk", kind)("any", wrong, []);
}

execFileSync(process.env.CC || "cc", ["-std=c11", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC",
	"-o", library, join(here, "nth_malloc.c"), "-ldl"], { stdio: "inherit" });
const parts = [["talk", talk], ["start", start]]
	.filter(([name]) => !given.only || given.only === name)
	.flatMap(([, part]) => wanted.map((kind) => [part, kind]));
for (const [i, [part, kind]] of parts.entries())
	await part(kind, parts.length - i);
console.log(found === 0 ? "nothing is wrong" : `${found} things are wrong`);
process.exitCode = found === 0 ? 0 : 1;
