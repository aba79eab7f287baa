// SPDX-License-Identifier: MIT
// tests/clients/match.mjs - does a frame fit the pattern that a test wrote?
//
// A pattern is JSON. An object fits if each named field fits (and, where asked
// for, if it has no other); an array fits element by element. A string in angle
// brackets stands for a kind of value: "<uuid>" "<time>" "<number>" "<string>"
// "<key>" "<any>"; {"<set>": […]} is an array whose order does not matter, and
// {"<not>": …} fits what the pattern in it does not.
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const kinds = {
	"<uuid>": (v) => typeof v === "string" && uuid.test(v),
	"<time>": (v) => typeof v === "string" && time.test(v),
	"<number>": (v) => Number.isFinite(v),
	"<string>": (v) => typeof v === "string" && v !== "",
	"<key>": (v) => typeof v === "string" &&
		Buffer.from(v, "base64").length === 32,
	"<any>": (v) => v !== undefined,
};

const isObject = (v) =>
	v !== null && typeof v === "object" && !Array.isArray(v);

export function fits(value, pattern, exact = false) {
	if (typeof pattern === "string" && kinds[pattern])
		return kinds[pattern](value);
	if (Array.isArray(pattern))
		return Array.isArray(value) && value.length === pattern.length &&
			pattern.every((p, i) => fits(value[i], p, exact));
	if (!isObject(pattern))
		return value === pattern;
	if ("<set>" in pattern)
		return fitsSet(value, pattern["<set>"], exact);
	if ("<not>" in pattern)
		return !fits(value, pattern["<not>"], exact);
	return fitsObject(value, pattern, exact);
}

function fitsSet(value, patterns, exact) {
	if (!Array.isArray(value) || value.length !== patterns.length)
		return false;
	const left = [...value];
	return patterns.every((pattern) => {
		const at = left.findIndex((v) => fits(v, pattern, exact));
		return at >= 0 && left.splice(at, 1).length === 1;
	});
}

function fitsObject(value, pattern, exact) {
	if (!isObject(value))
		return false;
	const names = Object.keys(pattern);
	if (exact && Object.keys(value).length !== names.length)
		return false;
	return names.every((name) =>
		name in value && fits(value[name], pattern[name], exact));
}
