// SPDX-License-Identifier: MIT
// tests/chaos/report.mjs - what a run comes to, as tables for people.

const rules = [
	["lost", "acknowledged or heard, and missing"],
	["doubled", "kept twice"],
	["altered", "altered on the way"],
	["foreign", "that nobody said"],
	["gap", "holes in sequence numbers"],
	["turned", "one connection's posts turned around"],
	["hole", "missed while connected"],
	["twice", "heard twice"],
	["order", "heard out of order"],
	["return", "missed or repeated on return"],
	["visit", "missed after entering"],
	["tail", "not heard at the end"],
	["number", "told with other numbers"],
	["silent", "posts without an answer"],
	["dropped", "connections dropped"],
	["odd", "answers that should not be"],
	["outage", "waits that were too long"],
];

const shownMax = 12;
const line = (...cells) => console.log(cells.join(""));

export const faultName = ({ kind, names }) =>
	`${kind} ${names.length === 1 ? names[0] : `${names.length} daemons`}`;

export function printReport(checker, folder) {
	printCounts(checker.counts());
	printFaults(checker.outages);
	printRules(checker.violations);
	for (const { rule, what, t } of checker.violations.slice(0, shownMax))
		console.log(`${rule}: ${what}${t === undefined ? "" : ` (${t} ms)`}`);
	if (checker.violations.length > shownMax)
		console.log(`… and ${checker.violations.length - shownMax} more`);
	if (checker.violations.length > 0)
		console.log(`the records are in ${folder}`);
}

function printCounts(counts) {
	line("");
	for (const [name, count] of Object.entries(counts))
		line(name.padEnd(36), String(count).padStart(10));
}

function printFaults(outages) {
	const rows = [...outages.byFault(faultName)].sort(([a], [b]) => a < b ? -1 : 1);
	line("");
	line("fault".padEnd(36), "times".padStart(10), "median ms".padStart(12),
		"longest ms".padStart(12));
	for (const [name, { count, median, most }] of rows)
		line(name.padEnd(36), String(count).padStart(10),
			String(median).padStart(12), String(most).padStart(12));
	const { median, most } = outages.all();
	line("all waits of senders".padEnd(46), String(median).padStart(12),
		String(most).padStart(12));
}

function printRules(violations) {
	line("");
	for (const [rule, name] of rules)
		line(`${rule.padEnd(9)}${name}`.padEnd(46),
			String(violations.filter((v) => v.rule === rule).length).padStart(12));
}
