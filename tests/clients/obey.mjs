// SPDX-License-Identifier: MIT
// tests/clients/obey.mjs - does what a test says on standard input, until it ends.
//
// Reads one command a line, its words parted by tabs, and answers each with one
// line, `ok …` or `fail …`.
import { createInterface } from "node:readline";

// What did not come to pass, in the words that the test is to see.
export class Failure extends Error {}

// `commands` are functions by their names; what goes wrong in one is told by
// `wordsOf`.
export async function obey(commands, wordsOf = (error) => error.message) {
	for await (const line of createInterface({ input: process.stdin })) {
		const [verb, ...words] = line.split("\t");
		let answer;
		try {
			if (!Object.hasOwn(commands, verb))
				throw new Failure(`no command ${verb}`);
			answer = `ok ${await commands[verb](...words) ?? ""}`;
		} catch (error) {
			answer = `fail ${wordsOf(error)}`;
		}
		process.stdout.write(`${answer.replaceAll(/\s+/gu, " ").trimEnd()} \n`);
	}
}
