// SPDX-License-Identifier: MIT
// tests/clients/strict.mjs - strict reading, for the clients in Node: of a frame
// just the fields and types that a document names.
import { fits } from "./match.mjs";

export const isAnything = (v) => v !== undefined;
export const isAnyText = (v) => typeof v === "string";
export const isText = (v) => fits(v, "<string>");
export const isBool = (v) => typeof v === "boolean";
export const isUuid = (v) => fits(v, "<uuid>");
export const isTime = (v) => fits(v, "<time>") && !Number.isNaN(Date.parse(v));
export const isIntegerFrom = (least) => (v) => Number.isSafeInteger(v) && v >= least;
export const isCount = isIntegerFrom(0);
export const isOneOf = (table) => (v) => isText(v) && Object.hasOwn(table, v);

// What a text frame, or the body of an answer, says.
export function parse(data, isBinary = false) {
	if (isBinary)
		throw new Error("a binary frame");
	return JSON.parse(data.toString());
}

// Throws unless `value` has that shape: an object names the fields of an object,
// all of them; an array has the shape of what is in an array; else it is a
// function that says whether a value fits. `where` names the value.
export function check(where, value, shape) {
	if (typeof shape === "function") {
		if (!shape(value))
			throw new Error(`${where} cannot be ${JSON.stringify(value)}`);
	} else if (Array.isArray(shape)) {
		if (!Array.isArray(value))
			throw new Error(`${where} is no array`);
		value.forEach((v, i) => check(`${where}[${i}]`, v, shape[0]));
	} else {
		checkObject(where, value, shape);
	}
}

function checkObject(where, value, fields) {
	if (value === null || typeof value !== "object" || Array.isArray(value))
		throw new Error(`${where} is no object`);
	for (const name of Object.keys(value))
		if (!Object.hasOwn(fields, name))
			throw new Error(`${where} has an unknown field "${name}"`);
	for (const [name, shape] of Object.entries(fields)) {
		if (!Object.hasOwn(value, name))
			throw new Error(`${where} lacks "${name}"`);
		check(`${where}.${name}`, value[name], shape);
	}
}
